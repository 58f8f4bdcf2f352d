const NAMES = ["ink", "muted", "grid", "peer", "relay", "cdn", "card"] as const;

/** The theme's colours as a canvas needs them. */
export type Colours = Readonly<Record<(typeof NAMES)[number], string>>;

/** Reads the colours that hold at the moment from `theme.css`. */
export const readColours = (): Colours => {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`).trim()])) as Colours;
};

/** Tells when the reader's system goes from light to dark or back. */
export const onColourChange = (listener: () => void): void =>
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", listener);
