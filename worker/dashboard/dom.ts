/** The element of `index.html` with this id, of this kind. Throws when page and script do not belong together. */
export const findAs = <T extends HTMLElement>(id: string, kind: new () => T): T => {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`index.html lacks a ${kind.name} #${id}`);
  return element;
};

/** The same for an element of any kind. */
export const find = (id: string): HTMLElement => findAs(id, HTMLElement);

/** Writes only what changed, so that selections and screen readers are left in peace. */
export const setText = (element: Element, text: string): void => {
  if (element.textContent !== text) element.textContent = text;
};

/** A number with a smaller unit behind it. */
export const setQuantity = (
  element: Element,
  { value, unit }: { readonly value: string; readonly unit: string },
): void => {
  if (element.textContent === value + unit) return;
  const small = document.createElement("small");
  small.textContent = unit;
  element.replaceChildren(value, ...(unit === "" ? [] : [small]));
};

/** An element with text or children. */
export const make = <K extends keyof HTMLElementTagNameMap>(
  tag: K,
  ...children: (string | Node)[]
): HTMLElementTagNameMap[K] => {
  const element = document.createElement(tag);
  element.append(...children);
  return element;
};
