import type { ViewerMessage } from "../../protocol/index.ts";
import type { Connection } from "../connection.ts";
import type { Context } from "../context.ts";
import type { Viewer } from "../viewer.ts";

/**
 * Takes samples. Refused ones are answered for at once, since sending them again would not help; the others once the sink has
 * them. When it has not, there is no answer, and the viewer sends them again.
 */
export function handleReport(
  context: Context,
  connection: Connection,
  viewer: Viewer,
  message: Extract<ViewerMessage, { t: "report" }>,
): void {
  const audience = viewer.mark === undefined ? connection.audience : { ...connection.audience, viewer: viewer.mark };
  const { refused, seqs, handover } = context.intake(message.samples, viewer, audience);
  for (const { message: why } of refused) connection.refuse("refused-sample", why);
  const hopeless = refused.flatMap(({ seq }) => (seq === undefined ? [] : [seq]));
  if (hopeless.length > 0) connection.send({ t: "reported", seqs: hopeless });
  if (seqs.length === 0) return;
  // Not waited for: a batch fills over half a second, and the viewer's other messages must not.
  void handover.then((result) => {
    if (result === "accepted") connection.send({ t: "reported", seqs: [...seqs] });
  });
}
