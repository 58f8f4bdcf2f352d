import { type Answer, fetchReport } from "./api.ts";
import type { View } from "./view.ts";

/** Time between two looks, in milliseconds. */
export const POLL_MS = 5_000;

/**
 * Asks for the view's report every `POLL_MS` after the answer before, and tells `onAnswer`. `refresh`, which is also how it begins,
 * asks at once and drops an answer that is still under way: it belongs to a view that is gone. A page that nobody sees asks
 * for nothing, nor does one that waits for a token.
 */
export const createPolling = (view: () => View, onAnswer: (answer: Answer) => void): { refresh: () => void } => {
  let current = new AbortController();
  let timer: number | undefined;

  const look = async (): Promise<void> => {
    window.clearTimeout(timer);
    current.abort();
    const mine = new AbortController();
    current = mine;
    const answer = await fetchReport(view(), Date.now(), mine.signal).catch((error: unknown) => {
      if (mine.signal.aborted) return null;
      throw error;
    });
    if (answer === null || mine.signal.aborted) return;
    onAnswer(answer);
    // A lock does not open by itself.
    if (!document.hidden && answer.kind !== "locked") timer = window.setTimeout(refresh, POLL_MS);
  };
  const refresh = (): void => void look();

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) window.clearTimeout(timer);
    else refresh();
  });
  return { refresh };
};
