const FISH = [
  ...["Anchovy", "Barbel", "Bleak", "Bream", "Capelin", "Char", "Chub", "Cod", "Dab", "Dace", "Dory", "Eel"],
  ...[
    "Goby",
    "Grayling",
    "Gudgeon",
    "Herring",
    "Ide",
    "Ling",
    "Loach",
    "Mackerel",
    "Minnow",
    "Mullet",
    "Perch",
    "Pike",
  ],
  ...["Roach", "Rudd", "Sardine", "Smelt", "Sprat", "Tench", "Trout", "Tuna"],
] as const;

/** A neighbour's name: a fish, always the same for the same id. Two neighbours may share one. */
export function nameOf(id: string): string {
  let sum = 0;
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  return FISH[sum % FISH.length] ?? FISH[0];
}
