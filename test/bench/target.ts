/** What a run must reach. `got` and `wanted` are in the unit that `what` names. */
export type Target = {
  readonly what: string;
  readonly wanted: number;
  readonly got: number;
  readonly met: boolean;
};

export const atLeast = (what: string, wanted: number, got: number): Target => ({
  what,
  wanted,
  got,
  met: got >= wanted,
});
export const atMost = (what: string, wanted: number, got: number): Target => ({
  what,
  wanted,
  got,
  met: got <= wanted,
});

/** The targets that were not met, in words. */
export const missed = (targets: readonly Target[]): string =>
  targets
    .filter(({ met }) => !met)
    .map(({ what, wanted, got }) => `${what}: ${figure(got)}, wanted ${figure(wanted)}`)
    .join("; ");

const figure = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(3));
