// Elements in one call, and keeping the focus where it was when a part of the page is drawn anew.

export function h(tag, attributes = {}, ...children) {
  const one = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) one.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "indeterminate") one[name] = value;
    else one.setAttribute(name, value === true ? "" : value);
  }
  one.append(...children.flat(4).filter((each) => each !== null && each !== undefined && each !== false));
  return one;
}

/** Put `children` in the place of what is in `box`; the focus stays on what has the same `data-focus`. */
export function redraw(box, ...children) {
  const active = box.contains(document.activeElement) ? document.activeElement : null;
  const key = active?.dataset.focus;
  const caret = key && "selectionStart" in active ? [active.selectionStart, active.selectionEnd] : null;
  const scrolled = box.scrollTop;
  box.replaceChildren(...children.flat(4).filter(Boolean));
  box.scrollTop = scrolled;
  if (!key) return;
  const again = box.querySelector(`[data-focus="${CSS.escape(key)}"]`);
  again?.focus({ preventScroll: true });
  if (caret && again && /^(text|search|)$/.test(again.type ?? "x") && caret[0] !== null) again.setSelectionRange(...caret);
}

export const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

/** A picture of the house's sheet of icons; decoration, the words stand beside it or in the label. */
export function icon(name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  use.setAttribute("href", `${document.getElementById("told").dataset.icons}#${name}`);
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(use);
  return svg;
}

let number = 0;
export const fresh = (start = "i") => `${start}${++number}`;
