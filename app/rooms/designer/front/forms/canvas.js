// The form as it will look, to be arranged: chosen, moved with pointer or keys, doubled, deleted, made required.
import { h, icon, redraw } from "./dom.js";
import { at, move, ofPath, put, remove, step, taken, unused } from "./model.js";

export class Canvas {
  constructor(room, box) {
    this.room = room;
    this.box = box;
    box.addEventListener("keydown", (event) => this.key(event));
  }

  draw(kind) {
    const { room } = this;
    const { data } = room;
    const items = data.fields ?? [];
    const tabs = data.tabs ? items.filter((each) => each.type === "section") : [];
    redraw(
      this.box,
      h("div", { class: "sheet" },
        h("button", { type: "button", class: `sheet-title${room.selected.length ? "" : " is-chosen"}${room.wrong([]).length ? " is-wrong" : ""}`, "data-focus": "form", "aria-pressed": String(!room.selected.length), onclick: () => room.select([]) }, h("span", {}, room.said(data, "title")), h("small", {}, room.w("form_settings"))),
        tabs.length > 1 ? h("ol", { class: "sheet-tabs", "aria-label": room.w("tab") }, tabs.map((each) => h("li", {}, room.name(each)))) : null,
        h("div", { class: "sheet-items", "data-list": "fields" }, items.length ? items.map((each, place) => this.item(each, ["fields", place])) : this.nothing()),
      ),
    );
    if (kind === "move" || kind === "add") this.box.querySelector(".is-chosen")?.scrollIntoView({ block: "nearest" });
  }

  nothing() {
    const { room } = this;
    return h("div", { class: "sheet-empty" }, h("p", { class: "empty-title" }, room.w("empty")), h("p", {}, room.w("empty_why")));
  }

  item(item, path) {
    return item.type === "section" ? this.section(item, path) : this.field(item, path);
  }

  section(item, path) {
    const { room } = this;
    const inner = item.fields ?? [];
    return h("section", { class: `part is-section${this.marks(path)}`, "data-path": ofPath(path) },
      h("div", { class: "part-head" }, this.face(item, path, h("span", { class: "part-title" }, room.name(item)), this.signs(item)), this.tools(item, path)),
      h("div", { class: "sheet-items", "data-list": `${ofPath(path)}.fields` }, inner.length ? inner.map((each, place) => this.field(each, [...path, "fields", place])) : h("p", { class: "section-empty" }, room.w("empty_section"))),
    );
  }

  field(item, path) {
    const { room } = this;
    const kind = room.kinds.get(item.type);
    const width = item.width ?? (item.type === "note" || kind?.wide ? "full" : "half");
    const help = room.said(item, "help");
    const content = item.type === "note"
      ? [h("span", { class: "part-note" }, (item[room.told.language === "en" ? "text.en" : "text"] ?? []).map((each) => h("span", {}, each)))]
      : [h("span", { class: "part-label" }, item.required ? h("b", { class: "star", "aria-hidden": "true" }, "*") : null, room.name(item), item.required ? h("span", { class: "visually-hidden" }, ` ${room.w("required")}`) : null), this.mock(item), help ? h("span", { class: "part-help" }, help) : null];
    return h("div", { class: `part is-${width}${this.marks(path)}`, "data-path": ofPath(path) }, this.face(item, path, ...content, this.signs(item)), this.tools(item, path));
  }

  marks(path) {
    const { room } = this;
    const chosen = ofPath(room.selected) === ofPath(path) || (room.selected.includes("columns") && ofPath(room.selected).startsWith(`${ofPath(path)}.`));
    return `${chosen ? " is-chosen" : ""}${room.wrong(path).length || (path.length && at(room.data, path)?.columns && room.wrong(path, true).length) ? " is-wrong" : ""}`;
  }

  face(item, path, ...content) {
    const { room } = this;
    const button = h("button", { type: "button", class: "part-face", "data-focus": ofPath(path), "aria-pressed": String(ofPath(room.selected) === ofPath(path)), "aria-keyshortcuts": "Alt+ArrowUp Alt+ArrowDown Delete", onclick: () => room.select(path) }, ...content);
    this.drags(button, () => ({ path }));
    return button;
  }

  // That it is not always there, or not always required, and under what condition.
  signs(item) {
    const condition = item.show_if ?? item.require_if;
    return condition ? h("span", { class: "part-sign", title: condition }, this.room.w(item.show_if ? "show_sign" : "require_sign")) : null;
  }

  // What stands where the answer will be; the real drawing is the preview's.
  mock(item) {
    const { room } = this;
    const line = (...inside) => h("span", { class: "mock" }, ...inside);
    const options = (many, round) => h("span", { class: "mock-options" }, many.slice(0, 8).map((each) => h("span", {}, h("i", { class: round ? "is-round" : "" }), each)), many.length > 8 ? "…" : null);
    switch (item.type) {
      case "long_text":
        return line(h("span", { class: "mock-lines" }));
      case "yes_no":
        return options([room.w("yes"), room.w("no")], true);
      case "choice": {
        const labels = (item.choices ?? []).map((each) => room.said(each, "label"));
        if (!item.choices) return line(item.dictionary ?? item.hook ?? "", h("em", {}, "▾"));
        return item.look === "select" || (!item.many && labels.length > 5 && item.look !== "radios") ? line(room.w("choose"), h("em", {}, "▾")) : options(labels, !item.many);
      }
      case "date":
      case "date_time":
        return line(item.type === "date" ? "2026-01-01" : "2026-01-01 09:00");
      case "period":
        return h("span", { class: "mock-pair" }, line("2026-01-01"), "—", line("2026-01-02"));
      case "region":
        return h("span", { class: "mock-pair" }, ["province", "city", "district"].slice(0, ["province", "city", "district"].indexOf(item.level) + 1).map(() => line(h("em", {}, "▾"))));
      case "file":
      case "photo":
        return h("span", { class: "mock is-dashed" }, room.w("choose_file"));
      case "signature":
        return h("span", { class: "mock is-dashed is-tall" }, room.w("sign_here"));
      case "table":
        return h("span", { class: "mock-table" }, (item.columns ?? []).map((each) => h("span", {}, each.required ? h("b", { class: "star" }, "*") : null, room.name(each))));
      case "computed":
        return h("span", { class: "mock-sum" }, item.sum_of ? `∑ ${item.sum_of}` : `= ${item.expression ?? ""}`);
      case "number":
      case "money":
        return h("span", { class: "mock-pair" }, line(room.said(item, "placeholder")), item.type === "money" ? (room.told.language === "en" ? "yuan" : "元") : room.said(item, "unit"));
      default:
        return line(room.said(item, "placeholder"));
    }
  }

  tools(item, path) {
    const { room } = this;
    const name = room.name(item);
    const verb = (words, sign, press) => h("button", { type: "button", class: "part-verb", title: room.w(words), "aria-label": `${room.w(words)} ${name}`, "data-focus": `${ofPath(path)}:${words}`, onclick: press, disabled: room.locked }, sign);
    const asks = item.name && !room.kinds.get(item.type)?.derived;
    return h("span", { class: "part-tools" },
      asks ? h("button", { type: "button", class: `part-verb is-star${item.required ? " is-on" : ""}`, title: room.w("required"), "aria-label": `${room.w("required")} ${name}`, "aria-pressed": String(Boolean(item.required)), "data-focus": `${ofPath(path)}:star`, disabled: room.locked, onclick: () => room.change("required", (data) => put(at(data, path), "required", !item.required)) }, "*") : null,
      verb("up", "↑", () => this.shift(path, -1)),
      verb("down", "↓", () => this.shift(path, 1)),
      verb("duplicate", icon("copy"), () => this.double(path)),
      verb("remove", icon("close"), () => this.drop(path)),
    );
  }

  shift(path, way) {
    const { room } = this;
    let now = path;
    room.change("move", (data) => {
      now = step(data, path, way);
    });
    room.select(now);
    this.box.querySelector(`[data-focus="${CSS.escape(ofPath(now))}"]`)?.focus();
    room.say(room.w("moved", { name: room.name(at(room.data, now)), place: now.at(-1) + 1 }));
  }

  double(path) {
    const { room } = this;
    room.change("add", (data) => {
      const copy = structuredClone(at(data, path));
      const known = taken(data, ["fields", -1]);
      for (const each of [copy, ...(copy.type === "section" ? copy.fields ?? [] : [])]) {
        if (!each.name) continue;
        each.name = unused(each.name, known);
        known.add(each.name);
        room.fresh.add(each.name);
      }
      at(data, path.slice(0, -1)).splice(path.at(-1) + 1, 0, copy);
    });
    room.select([...path.slice(0, -1), path.at(-1) + 1], "label");
  }

  drop(path) {
    const { room } = this;
    const name = room.name(at(room.data, path));
    room.change("remove", (data) => remove(data, path));
    const left = at(room.data, path.slice(0, -1)) ?? [];
    const next = left.length ? [...path.slice(0, -1), Math.min(path.at(-1), left.length - 1)] : path.slice(0, -2);
    room.select(next);
    (this.box.querySelector(`[data-focus="${CSS.escape(ofPath(next))}"]`) ?? this.box.querySelector("[data-focus=form]"))?.focus();
    room.say(room.w("removed", { name }));
  }

  key(event) {
    const path = event.target.closest?.("[data-path]")?.dataset.path?.split(".").map((each) => (/^\d+$/.test(each) ? Number(each) : each));
    if (!path || this.room.locked) return;
    const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (way && event.altKey) this.shift(path, way);
    else if (way && event.target.matches(".part-face")) {
      const faces = [...this.box.querySelectorAll(".sheet-title, .part-face")];
      const next = faces[faces.indexOf(event.target) + way];
      next?.focus();
      next?.click();
    } else if (event.key === "Delete" && event.target.matches(".part-face")) this.drop(path);
    else if (event.key.toLowerCase() === "d" && (event.ctrlKey || event.metaKey)) this.double(path);
    else return;
    event.preventDefault();
  }

  /** Let `one` be dragged; `what()` is `{ path }` of an item, or `{ type }` of a new field. */
  drags(one, what) {
    one.addEventListener("pointerdown", (start) => {
      if (start.button !== 0 || this.room.locked || start.pointerType === "touch") return;
      let line = null;
      const moved = (event) => {
        if (!line && Math.hypot(event.clientX - start.clientX, event.clientY - start.clientY) < 6) return;
        line ??= document.body.appendChild(h("div", { class: "place-line" }));
        document.body.classList.add("is-dragging");
        this.over = this.place(event, what());
        const [left, top, width, height] = this.over?.line ?? [0, 0, 0, 0];
        line.style.cssText = `left:${left}px;top:${top}px;width:${width}px;height:${height}px`;
      };
      const ended = (event) => {
        removeEventListener("pointermove", moved);
        removeEventListener("pointerup", ended);
        removeEventListener("pointercancel", ended);
        document.body.classList.remove("is-dragging");
        if (!line) return;
        line.remove();
        addEventListener("click", (click) => click.stopPropagation(), { capture: true, once: true });
        setTimeout(() => dispatchEvent(new Event("click")), 0);
        if (event.type === "pointerup" && this.over) this.put(what(), this.over);
        this.over = null;
      };
      addEventListener("pointermove", moved);
      addEventListener("pointerup", ended);
      addEventListener("pointercancel", ended);
    });
  }

  // Where something let go here would stand: a list, a place in it, and where the line is drawn.
  place({ clientX, clientY }, { path, type }) {
    const list = document.elementsFromPoint(clientX, clientY).map((each) => each.closest?.("[data-list]")).find((each) => each && this.box.contains(each)) ?? (this.box.contains(document.elementFromPoint(clientX, clientY)) ? this.box.querySelector("[data-list]") : null);
    if (!list) return null;
    const isSection = type === "section" || (path && at(this.room.data, path)?.type === "section");
    const into = isSection ? this.box.querySelector("[data-list=fields]") : list;
    const parts_ = [...into.children].filter((each) => each.dataset.path);
    let place = parts_.length;
    let line = null;
    for (const [index, each] of parts_.entries()) {
      const box = each.getBoundingClientRect();
      const beside = !each.matches(".is-full, .is-section");
      const before = clientY < box.top || (clientY <= box.bottom && (beside ? clientX < box.left + box.width / 2 : clientY < box.top + box.height / 2));
      if (!before) continue;
      place = index;
      line = beside ? [box.left - 3, box.top, 2, box.height] : [box.left, box.top - 3, box.width, 2];
      break;
    }
    if (!line) {
      const last = (parts_.at(-1) ?? into).getBoundingClientRect();
      line = [last.left, last.bottom + 1, last.width, 2];
    }
    const where = into.dataset.list.split(".").map((each) => (/^\d+$/.test(each) ? Number(each) : each));
    return { where, place, line };
  }

  put({ path, type }, { where, place }) {
    const { room } = this;
    if (type) {
      room.change("lists", (data) => {
        at(data, where) ?? (at(data, where.slice(0, -1)).fields = []);
      });
      room.add(type, where, place);
      return;
    }
    if (ofPath(where).startsWith(`${ofPath(path)}.`)) return;
    let now = path;
    room.change("move", (data) => {
      now = move(data, path, where, place);
    });
    room.select(now);
  }
}
