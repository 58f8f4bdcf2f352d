/** Calls back when the page may be gone in a moment: it is hidden, or left. Returns how to stop. */
export function onLeaving(callback: () => void): () => void {
  // Phones kill a hidden page without any further event.
  const hidden = (): void => {
    if (document.visibilityState === "hidden") callback();
  };
  document.addEventListener("visibilitychange", hidden);
  window.addEventListener("pagehide", callback);
  return () => {
    document.removeEventListener("visibilitychange", hidden);
    window.removeEventListener("pagehide", callback);
  };
}
