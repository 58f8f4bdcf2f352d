import { REASONS } from "../../worker/protocol/reasons.ts";
import type { CdnReason } from "../../worker/protocol/sample.ts";
import type { Watched } from "../embed/api.ts";
import { element, type Part, section, write } from "./dom.ts";
import { bytesText } from "./words.ts";

/** What the CDN's bytes were bought for, since the session began. */
export function reasonsPart(session: Watched): Part {
  const rows = (Object.keys(REASONS) as CdnReason[]).map((reason) => {
    const bytes = element("dd", "");
    const name = element("dt", "", REASONS[reason].words);
    return { reason, bytes, row: element("div", "", name, bytes) };
  });
  const update = (): void => {
    const { cdnReasons, cdnBytes } = session.stats();
    root.hidden = cdnBytes === 0;
    for (const { reason, bytes, row } of rows) {
      row.hidden = cdnReasons[reason] === 0;
      write(bytes, bytesText(cdnReasons[reason]));
    }
  };
  const root = section("Why the CDN was asked", element("dl", "", ...rows.map(({ row }) => row)));
  return { root, update };
}
