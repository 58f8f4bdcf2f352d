import type { Upload } from "../../tracker/protocol/index.ts";
import { DEFAULT_LIMITS } from "../engine/limits.ts";
import type { EngineLimits } from "../engine/types.ts";
import type { ShoalOptions } from "./api.ts";

/** What of `navigator` tells how much to ask of a device. Each part is missing in some browser. */
export type DeviceView = {
  /** Network Information API. */
  readonly connection?: {
    readonly saveData?: boolean;
    readonly type?: string;
    readonly effectiveType?: string;
    readonly addEventListener?: (event: "change", listener: () => void) => void;
    readonly removeEventListener?: (event: "change", listener: () => void) => void;
  };
  /** In gigabytes, rounded to a power of two by the browser. */
  readonly deviceMemory?: number;
  readonly getBattery?: () => Promise<BatteryView>;
};
type BatteryView = { readonly charging: boolean; readonly level: number };

const SMALL_DEVICE_GB = 4;
/** Below this charge a device on battery only receives. */
const LOW_BATTERY = 0.2;

/** What the mobile network is called by its speed. */
const SLOW: ReadonlySet<string> = new Set(["slow-2g", "2g", "3g"]);

/** A device that saves data, is on a mobile network or runs low on battery takes and does not give. */
export function willingness({ connection }: DeviceView, battery?: BatteryView): Upload {
  const mobile = connection?.type === "cellular" || SLOW.has(connection?.effectiveType ?? "");
  const low = battery !== undefined && !battery.charging && battery.level < LOW_BATTERY;
  return connection?.saveData === true || mobile || low ? "receive" : "share";
}

/** Follows the device's state; returns how to stop. The battery is known only later, where it is known at all. */
export function watchDevice(device: DeviceView, onChange: (upload: Upload) => void): () => void {
  const { connection } = device;
  let battery: BatteryView | undefined;
  let watching = true;
  const tell = (): void => {
    if (watching) onChange(willingness(device, battery));
  };
  connection?.addEventListener?.("change", tell);
  device.getBattery?.().then(
    (known) => {
      battery = known;
      tell();
    },
    // A page whose policy forbids it: the battery stays unknown, as on most devices.
    () => undefined,
  );
  return () => {
    watching = false;
    connection?.removeEventListener?.("change", tell);
  };
}

/** The engine's limits: the page's own, else what suits the device. */
export function engineLimits(limits: NonNullable<ShoalOptions["limits"]>, device: DeviceView): EngineLimits {
  const small = (device.deviceMemory ?? Number.POSITIVE_INFINITY) <= SMALL_DEVICE_GB;
  const { storeBytes, neighbours, uploadRatio } = DEFAULT_LIMITS;
  return {
    ...DEFAULT_LIMITS,
    storeBytes: limits.storeBytes ?? (small ? storeBytes / 2 : storeBytes),
    neighbours: limits.neighbours ?? neighbours,
    uploadRatio: limits.uploadRatio ?? uploadRatio,
  };
}
