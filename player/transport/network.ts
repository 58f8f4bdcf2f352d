/** Network Information API; Chromium only, and `type` only on mobile. */
type Connection = EventTarget & { readonly type?: string };

/**
 * Calls back when the device may have moved to another network. Returns how to stop. Does nothing where there are no such
 * events (Node).
 */
export function onNetworkChange(listener: () => void): () => void {
  if (typeof globalThis.addEventListener !== "function") return () => undefined;
  const connection = (globalThis.navigator as { connection?: Connection } | undefined)?.connection;
  let type = connection?.type;
  // The event also tells of every new estimate of rate and round trip; only another kind of network matters.
  const changed = (): void => {
    if (connection?.type === type) return;
    type = connection?.type;
    listener();
  };
  globalThis.addEventListener("online", listener);
  connection?.addEventListener("change", changed);
  return () => {
    globalThis.removeEventListener("online", listener);
    connection?.removeEventListener("change", changed);
  };
}
