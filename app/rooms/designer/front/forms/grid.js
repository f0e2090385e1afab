// Who may do what at which step: a row per field, a column per step, painted with the pointer or by letters.
import { h } from "./dom.js";
import { at, ofPath, put, right } from "./model.js";

const RIGHTS = ["hidden", "read", "edit", "required"];
const LETTERS = { h: "hidden", r: "read", e: "edit", m: "required", Backspace: null, Delete: null };

export class Grid {
  constructor(room, box, brushes) {
    Object.assign(this, { room, box, brush: "edit", place: [0, 0], folded: new Set() });
    const word = (each) => (each ? room.w(each === "required" ? "required_right" : each) : room.w("clear"));
    const letters = { hidden: "H", read: "R", edit: "E", required: "M", null: "⌫" };
    brushes.append(...[...RIGHTS, null].map((each) => h("label", { class: `brush r-${each}` }, h("input", { type: "radio", name: "brush", value: String(each), checked: each === this.brush, onchange: () => (this.brush = each) }), h("span", { class: "brush-cell", "aria-hidden": "true" }, each ? room.w(`${each}_short`) : "·"), word(each), h("kbd", { "aria-hidden": "true" }, letters[each]))));
    box.addEventListener("keydown", (event) => this.key(event));
    box.addEventListener("pointerdown", (event) => this.paint(event));
    box.addEventListener("focusin", ({ target }) => {
      if (!target.matches("td")) return;
      for (const cell of box.querySelectorAll("td[tabindex='0']")) cell.tabIndex = -1;
      target.tabIndex = 0;
      this.place = [Number(target.dataset.row), Number(target.dataset.column)];
    });
    box.addEventListener("click", (event) => {
      const fold = event.target.closest("[data-fold]");
      if (!fold) return;
      if (!this.folded.delete(fold.dataset.fold)) this.folded.add(fold.dataset.fold);
      this.draw();
      this.box.querySelector(`[data-fold="${fold.dataset.fold}"]`)?.focus();
    });
  }

  /** The steps of the diagram, the others, and those that the form names and the diagram has no more. */
  columns() {
    const { room } = this;
    const { data } = room;
    const known = room.told.steps.map((each) => ({ ...each, title: each.sort === "start" ? room.w("start") : each.name }));
    const named = new Set();
    const look = (rights) => Object.keys(rights ?? {}).forEach((key) => named.add(key));
    look(data.steps);
    for (const each of this.all()) look(each.item.at);
    const gone = [...named].filter((key) => key !== "*" && !known.some((each) => each.key === key));
    return [...known, { key: "*", title: room.w("others"), who: "" }, ...gone.map((key) => ({ key, title: key, who: room.w("gone"), gone: true }))];
  }

  // Rows that can be seen: the form, then each item, without what is folded. `above` are the rights it falls back on.
  all() {
    const { data } = this.room;
    const found = [{ item: data, path: [], key: "steps", depth: 0, above: [] }];
    for (const [place, item] of (data.fields ?? []).entries()) {
      const path = ["fields", place];
      found.push({ item, path, key: "at", depth: item.type === "section" ? 0 : 1, above: [data.steps] });
      if (item.type === "section") for (const [inner, each] of (item.fields ?? []).entries()) found.push({ item: each, path: [...path, "fields", inner], key: "at", depth: 1, above: [item.at, data.steps], within: ofPath(path) });
    }
    return found;
  }

  rows() {
    return this.all().filter((each) => !this.folded.has(each.within));
  }

  draw() {
    const { room } = this;
    const columns = this.columns();
    const rows = this.rows();
    const focused = this.box.contains(document.activeElement) && document.activeElement.matches("td");
    this.place = [Math.min(this.place[0], rows.length - 1), Math.min(this.place[1], columns.length - 1)];
    const head = h("tr", {}, h("th", { scope: "col", class: "rights-name" }, room.w("field_column")), columns.map((each) => h("th", { scope: "col", class: each.gone ? "is-gone" : "" }, h("span", { class: "rights-step" }, each.title), h("small", {}, each.who), this.copying(each, columns))));
    const body = rows.map((row, place) => h("tr", { class: row.path.length === 0 ? "is-form" : row.item.type === "section" ? "is-section" : "" }, h("th", { scope: "row", class: "rights-name" }, row.item.type === "section" ? h("button", { type: "button", class: "rights-fold", "data-fold": ofPath(row.path), "aria-expanded": String(!this.folded.has(ofPath(row.path))), "aria-label": `${room.w("fold")} ${room.name(row.item)}` }, this.folded.has(ofPath(row.path)) ? "▸" : "▾") : null, h("span", {}, row.path.length ? room.name(row.item) : room.w("whole_form"))), columns.map((step, at_) => this.cell(row, step, place, at_))));
    this.box.replaceChildren(
      room.told.steps.length ? "" : h("p", { class: "notice" }, room.w("no_steps")),
      h("table", { class: "rights", role: "grid", "aria-label": document.getElementById("tab-rights").textContent }, h("thead", {}, head), h("tbody", {}, body)),
    );
    if (focused) this.focus();
  }

  copying(step, columns) {
    const { room } = this;
    const others = columns.filter((each) => each !== step && !each.gone);
    if (!others.length || step.gone) return null;
    return h("select", { class: "form-select rights-copy", "aria-label": room.w("copy_column", { step: step.title }), disabled: room.locked, onchange: (event) => this.copy(event.target.value, step.key) }, h("option", { value: "" }, room.w("copy_from")), others.map((each) => h("option", { value: each.key }, each.title)));
  }

  copy(from, to) {
    const rows = this.all();
    this.room.change("rights", (data) => {
      for (const row of rows) {
        const one = at(data, row.path);
        const rights = { ...one[row.key] };
        if (from in rights) rights[to] = rights[from];
        else delete rights[to];
        put(one, row.key, rights);
      }
    });
  }

  cell(row, step, place, column) {
    const { room } = this;
    const { right: now, own } = this.now(row, step.key);
    const derived = room.kinds.get(row.item.type)?.derived;
    const shown = (derived || row.item.type === "note") && now !== "hidden" ? "read" : now;
    const star = shown === "edit" && row.item.required;
    const word = room.w(shown === "required" || star ? "required_right" : shown);
    const name = row.path.length ? room.name(row.item) : room.w("whole_form");
    return h("td", { role: "gridcell", class: `r-${shown}${own ? " is-own" : ""}${star ? " is-starred" : ""}`, tabindex: place === this.place[0] && column === this.place[1] ? 0 : -1, "data-row": place, "data-column": column, "aria-label": `${room.w("cell", { field: name, step: step.title, right: word })}${own ? "" : ` · ${room.w("inherited")}`}`, title: own ? word : `${word} · ${room.w("inherited")}` }, h("span", { "aria-hidden": "true" }, room.w(`${shown}_short`), star ? h("sup", {}, "*") : null));
  }

  now(row, step) {
    return right(step, row.item[row.key], ...row.above);
  }

  /** Set the right of a row at a step. A section stands for its fields, the form for everything in it. */
  set(many, step, wanted, kind = "rights") {
    this.room.change(kind, (data) => {
      for (const row of many) {
        const below = this.all().filter((each) => (row.path.length === 0 ? each.path.length : each.within === ofPath(row.path)));
        this.write(data, row, step, wanted);
        if (wanted === null || (row.path.length && row.item.type !== "section")) continue;
        for (const each of below) this.write(data, each, step, wanted);
      }
    });
  }

  write(data, row, step, wanted) {
    const one = at(data, row.path);
    const rights = { ...one[row.key] };
    delete rights[step];
    const above = row.path.length === 0 ? [] : row.path.length === 2 ? [data.steps] : [at(data, row.path.slice(0, 2)).at, data.steps];
    if (wanted !== null && (step === "*" || right(step, rights, ...above).right !== wanted)) rights[step] = wanted;
    if (step === "*" && row.path.length && wanted !== null && right("*", {}, ...above).right === wanted) delete rights["*"];
    // In the order they were in, where one was changed.
    const old = one[row.key] ?? {};
    const ordered = Object.fromEntries([...Object.keys(old).filter((key) => key in rights), ...Object.keys(rights).filter((key) => !(key in old))].map((key) => [key, rights[key]]));
    put(one, row.key, ordered);
  }

  paint(event) {
    const cell = event.target.closest("td");
    if (!cell || event.button !== 0 || this.room.locked) return;
    const touched = new Set();
    const kind = `type:rights${Date.now()}`; // what one stroke paints is undone at once
    const touch = (one) => {
      const mark = `${one.dataset.row}.${one.dataset.column}`;
      if (touched.has(mark)) return;
      touched.add(mark);
      this.place = [Number(one.dataset.row), Number(one.dataset.column)];
      this.set([this.rows()[this.place[0]]], this.columns()[this.place[1]].key, this.brush, kind);
    };
    touch(cell);
    this.focus();
    if (event.pointerType === "touch") return;
    event.preventDefault();
    const moved = (next) => {
      const over = document.elementFromPoint(next.clientX, next.clientY)?.closest("td");
      if (over && this.box.contains(over)) touch(over);
    };
    const ended = () => {
      removeEventListener("pointermove", moved);
      removeEventListener("pointerup", ended);
      this.focus();
    };
    addEventListener("pointermove", moved);
    addEventListener("pointerup", ended);
  }

  key(event) {
    if (!event.target.matches("td") || event.ctrlKey || event.metaKey || event.altKey) return;
    const way = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1], Home: [0, -99], End: [0, 99] }[event.key];
    const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (way) {
      const clamp = (value, most) => Math.max(0, Math.min(value, most));
      this.place = [clamp(this.place[0] + way[0], this.rows().length - 1), clamp(this.place[1] + way[1], this.columns().length - 1)];
      this.focus();
    } else if (letter in LETTERS && !this.room.locked) this.set([this.rows()[this.place[0]]], this.columns()[this.place[1]].key, LETTERS[letter]);
    else return;
    event.preventDefault();
  }

  focus() {
    const cell = this.box.querySelector(`td[data-row="${this.place[0]}"][data-column="${this.place[1]}"]`);
    cell?.focus();
  }
}
