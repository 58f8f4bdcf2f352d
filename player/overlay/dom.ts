/** An element with a class and children. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  className: string,
  ...children: (string | Node)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (className !== "") made.className = className;
  made.append(...children);
  return made;
}

/** Writes only what changed: a selection stays, and nothing is laid out anew. */
export function write(place: Element, text: string): void {
  if (place.textContent !== text) place.textContent = text;
}

/** A part of the overlay: what is shown, and how to bring it up to date. */
export type Part = { readonly root: HTMLElement; readonly update: () => void };

/** A section under a heading. */
export const section = (title: string, ...children: Node[]): HTMLElement =>
  element("section", "", element("h2", "", title), ...children);
