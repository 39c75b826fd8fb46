type Child = Node | string | null | undefined | false;
type Props<E> = Partial<Omit<E, 'style' | 'dataset'>> & {
  data?: Record<string, string>;
  aria?: Record<string, string>;
  on?: Record<string, (event: Event) => void>;
};

/** Makes an element. Text only ever becomes text nodes, so nothing needs to be escaped. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props<HTMLElementTagNameMap[K]> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const { data = {}, aria = {}, on = {}, ...own } = props;
  const made = Object.assign(document.createElement(tag), own);
  Object.assign(made.dataset, data);
  for (const [name, value] of Object.entries(aria)) made.setAttribute(`aria-${name}`, value);
  for (const [type, listener] of Object.entries(on)) made.addEventListener(type, listener);
  made.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/** An element of index.html. */
export function byId<E extends HTMLElement = HTMLElement>(id: string): E {
  const found = document.getElementById(id);
  if (!found) throw new Error(`index.html has no #${id}`);
  return found as E;
}

const SVG = 'http://www.w3.org/2000/svg';

/** Makes an SVG element. */
export function shape(tag: string, attributes: Record<string, string | number>, ...children: SVGElement[]): SVGElement {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value));
  made.append(...children);
  return made;
}

const currency = new Intl.NumberFormat('en', { style: 'currency', currency: 'EUR' });

export function price(cents: number): string {
  return currency.format(cents / 100);
}
