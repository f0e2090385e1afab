// The kinds of fields, in groups: a click adds one after what is chosen, a drag puts it where it is let go.
import { h } from "./dom.js";

const GROUPS = ["typed", "counted", "chosen", "uploaded", "built"];

export class Palette {
  constructor(room, box, canvas) {
    const entry = (type, mark, label) => {
      const button = h("button", { type: "button", class: "palette-kind", "data-kind": type, onclick: () => room.add(type) }, h("span", { class: "palette-mark", "aria-hidden": "true" }, mark), h("span", {}, label));
      canvas.drags(button, () => ({ type }));
      return h("li", {}, button);
    };
    const group = (key, entries) => h("section", { class: "palette-group" }, h("h2", {}, room.w(key)), h("ul", {}, entries));
    box.append(
      ...GROUPS.map((key) => group(key, room.told.kinds.filter((each) => each.group === key).map((each) => entry(each.key, each.mark, each.label)))),
      group("laid_out", [entry("section", "§", room.w("section")), entry("note", "※", room.w("note"))]),
    );
  }
}
