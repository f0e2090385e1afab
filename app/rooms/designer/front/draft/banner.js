// The line above the canvas: what stands against drawing, and what may be done about it. One thing at a time, the gravest.
import { h, icon } from "../panel/html.js";

const ORDER = ["gone", "refused", "offline", "asked", "locked", "looking", "copy", "import"];

export class Banner {
  constructor(room) {
    this.room = room;
    this.all = new Map();
  }

  /** Show `words` under `key`, with buttons `[label, act]`; `tone`: info, warn or bad. */
  set(key, words, buttons = [], tone = "info") {
    const old = this.all.get(key);
    if (old && old.words === words && old.buttons.length === buttons.length) return;
    this.all.set(key, { words, buttons, tone });
    this.draw();
  }

  clear(...keys) {
    let changed = false;
    for (const key of keys) changed = this.all.delete(key) || changed;
    if (changed) this.draw();
  }

  draw() {
    const key = ORDER.find((each) => this.all.has(each));
    if (!key) return this.room.replaceChildren();
    const { words, buttons, tone } = this.all.get(key);
    this.room.replaceChildren(
      h("div", { class: `draft-banner is-${tone}`, role: tone === "info" ? "status" : "alert" }, icon(tone === "info" ? "info" : "warning"), h("p", {}, words),
        buttons.map(([label, act]) => h("button", { type: "button", class: "btn btn-sm", onclick: act }, label))),
    );
  }
}
