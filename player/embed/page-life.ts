/**
 * Calls back when the page may be gone in a moment: it is hidden, since phones kill a hidden page without any further event, or it is
 * left, though one that the browser keeps may come back. Returns how to stop.
 */
export function onLeaving(callback: (how: "hidden" | "left") => void): () => void {
  const hidden = (): void => {
    if (document.visibilityState === "hidden") callback("hidden");
  };
  const left = (): void => callback("left");
  document.addEventListener("visibilitychange", hidden);
  window.addEventListener("pagehide", left);
  return () => {
    document.removeEventListener("visibilitychange", hidden);
    window.removeEventListener("pagehide", left);
  };
}
