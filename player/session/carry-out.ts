import type { Effect } from "../engine/types.ts";
import type { CdnSide } from "./cdn-side.ts";
import type { DiskSide } from "./disk-side.ts";
import type { MeshSide } from "./mesh-side.ts";
import type { Requests } from "./requests.ts";
import type { TrackerSide } from "./tracker-side.ts";

/** Those who do what the engine wants done. */
export type Doers = {
  readonly mesh: Pick<MeshSide, "send" | "drop">;
  readonly cdn: Pick<CdnSide, "get" | "abort">;
  readonly requests: Pick<Requests, "deliver" | "progress" | "fail">;
  readonly tracker: Pick<TrackerSide, "ask" | "publish" | "more">;
  readonly disk: Pick<DiskSide, "put" | "read" | "remove">;
};

/** Carries out one effect. What a port throws goes to the caller. */
export function carryOut({ mesh, cdn, requests, tracker, disk }: Doers, effect: Effect): void {
  switch (effect.t) {
    case "send":
      mesh.send(effect.peer, effect.frame);
      break;
    case "drop":
      mesh.drop(effect.peer);
      break;
    case "cdn-get":
      cdn.get(effect.fetch, effect.key, effect.from, effect.to);
      break;
    case "cdn-abort":
      cdn.abort(effect.fetch);
      break;
    case "deliver":
      requests.deliver(effect.request, effect.blocks, effect.report);
      break;
    case "progress":
      requests.progress(effect.request, effect.held, effect.bytes);
      break;
    case "fail":
      requests.fail(effect.request, effect.fault);
      break;
    case "ask-digests":
      tracker.ask(effect);
      break;
    case "publish-digests":
      tracker.publish(effect);
      break;
    case "disk-put":
      disk.put(effect.segment, effect.blocks);
      break;
    case "disk-read":
      disk.read(effect.segment);
      break;
    case "disk-remove":
      disk.remove(effect.segment);
      break;
    case "more-neighbours":
      tracker.more(effect);
      break;
  }
}
