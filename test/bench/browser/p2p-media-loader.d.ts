/** As much of p2p-media-loader as the bench calls; the package is installed only when the bench runs. */
declare module "p2p-media-loader-hlsjs" {
  import type Hls from "hls.js";
  import type { HlsConfig } from "hls.js";

  export const HlsJsP2PEngine: {
    readonly injectMixin: (
      base: typeof Hls,
    ) => new (
      config: Partial<HlsConfig> & { readonly p2p: { readonly core: object } },
    ) => Hls;
  };
}
