// What is chosen, in full: the form, a section, a field or a column, a control per setting of the published schema.
import { fresh, h, redraw } from "./dom.js";
import { Inputs } from "./inputs.js";
import { at, ofPath, parts, put } from "./model.js";

const BASICS = ["title", "label", "name", "required", "variable", "help", "placeholder", "width", "text", "id", "tabs", "unit"];
const CONDITIONS = ["show_if", "require_if", "resident_if", "check", "checks", "expression", "sum_of"];
const MORE = ["mask", "sensitive", "messages", "autocomplete", "inputmode", "entity", "row", "fills"];
const ELSEWHERE = ["at", "steps", "fields", "type", "$schema"];
/** Settings that are one question together: which of them is answered says the rest. */
const TOGETHER = { choices: ["choices", "dictionary", "hook"], expression: ["expression", "sum_of"] };

export class Panel {
  constructor(room, box) {
    this.room = room;
    this.box = box;
    this.inputs = new Inputs(room, this);
    this.open = new Set(["basics", "bounds", "conditions"]);
  }

  settings(item) {
    const { room } = this;
    if (item === room.data) return room.told.parts.form;
    if (item.type === "section" || item.type === "note") return room.told.parts[item.type];
    const kind = room.kinds.get(item.type);
    return (room.selected.includes("columns") ? kind?.column : kind?.settings) ?? [];
  }

  draw(kind) {
    const { room } = this;
    const item = at(room.data, room.selected);
    // While somebody writes here, what the writing changes elsewhere does not draw the panel anew.
    if (kind === "complaints" && this.box.contains(document.activeElement) && document.activeElement.matches("input, textarea, select")) return this.complain();
    const known = this.settings(item);
    const keys = new Set(known.flatMap((each) => [each.key, `${each.key}.en`]));
    const unknown = Object.keys(item).filter((key) => !keys.has(key) && !ELSEWHERE.includes(key));
    const groups = { basics: [], bounds: [], conditions: [], more: [] };
    for (const one of known) {
      if (ELSEWHERE.includes(one.key)) continue;
      if (Object.values(TOGETHER).some(([first, ...rest]) => rest.includes(one.key) && known.some((each) => each.key === first))) continue;
      groups[BASICS.includes(one.key) ? "basics" : CONDITIONS.includes(one.key) ? "conditions" : MORE.includes(one.key) ? "more" : "bounds"].push(one);
    }
    groups.basics.sort((one, other) => BASICS.indexOf(one.key) - BASICS.indexOf(other.key));
    if (item.type === "computed") groups.bounds = [...groups.conditions.filter((each) => each.key === "expression"), ...groups.bounds];
    if (item.type === "computed") groups.conditions = groups.conditions.filter((each) => each.key !== "expression");
    redraw(
      this.box,
      this.head(item),
      h("div", { class: "panel-complaints", "data-complaints-here": true }),
      ...Object.entries(groups).map(([key, many]) => (many.length ? this.group(key, many.map((one) => this.line(item, one))) : null)),
      unknown.length ? this.group("raw", unknown.map((key) => this.raw(item, key))) : null,
    );
    this.complain();
  }

  head(item) {
    const { room } = this;
    const column = room.selected.includes("columns");
    const up = column ? at(room.data, room.selected.slice(0, -2)) : null;
    const words = item === room.data ? room.w("form_settings") : room.kindName(item.type);
    return h("div", { class: "panel-head" },
      column ? h("button", { type: "button", class: "btn-link panel-back", onclick: () => room.select(room.selected.slice(0, -2)) }, `← ${room.w("back_to", { name: room.name(up) })}`) : null,
      h("h2", {}, column ? `${room.w("column")} · ${words}` : words),
      item.name ? this.kinds(item, column) : null,
    );
  }

  // Another kind keeps what both know.
  kinds(item, column) {
    const { room } = this;
    const id = fresh("k");
    const offered = room.told.kinds.filter((each) => !column || each.column.length);
    const pick = (type) => room.change("kind", (data) => {
      const one = at(data, room.selected);
      const kind = room.kinds.get(type);
      const known = new Set(["type", "name", ...(column ? kind.column : kind.settings).flatMap((each) => [each.key, `${each.key}.en`])]);
      for (const key of Object.keys(one)) if (!known.has(key)) delete one[key];
      one.type = type;
      for (const [key, value] of Object.entries(room.begun(type))) if (!(key in one)) put(one, key, value);
      for (const key of ["messages", "mask"]) delete one[key];
    });
    return h("div", { class: "panel-kind" }, h("label", { for: id }, room.w("kind")), h("select", { class: "form-select", id, disabled: room.locked, onchange: (event) => pick(event.target.value) }, offered.map((each) => h("option", { value: each.key, selected: each.key === item.type }, each.label))));
  }

  group(key, lines) {
    const { room } = this;
    const box = h("details", { class: "panel-group", open: this.open.has(key) || key === "raw", ontoggle: () => (box.open ? this.open.add(key) : this.open.delete(key)) }, h("summary", {}, room.w(key)), h("div", { class: "panel-lines" }, lines));
    return box;
  }

  line(item, one) {
    return this.inputs.line(item, one, chosen(this.room), TOGETHER[one.key]);
  }

  raw(item, key) {
    const { room } = this;
    const id = fresh("r");
    const path = chosen(room);
    const area = h("textarea", { class: "form-control", id, rows: 2, spellcheck: "false", value: JSON.stringify(item[key]), readonly: room.locked, onchange: () => {
      try {
        const value = JSON.parse(area.value);
        area.classList.remove("is-invalid");
        room.change(`type:${ofPath(path)}.${key}`, (data) => (at(data, path)[key] = value));
      } catch {
        area.classList.add("is-invalid");
      }
    } });
    return h("div", { class: "panel-line" }, h("label", { for: id }, h("code", {}, key)), area);
  }

  complain() {
    const { room } = this;
    const box = this.box.querySelector("[data-complaints-here]");
    const here = room.wrong(room.selected);
    box?.replaceChildren(...here.map((each) => h("p", { class: "field-error" }, each.message)));
    for (const one of this.box.querySelectorAll("[data-setting]")) one.classList.toggle("is-wrong", here.some((each) => parts(each.path).includes(one.dataset.setting)));
  }

  /** Put the cursor into a setting, in whatever group it is. */
  focus(key) {
    const line = this.box.querySelector(`[data-setting="${CSS.escape(String(key))}"]`) ?? this.box.querySelector("[data-setting]");
    const group = line?.closest("details");
    if (group) group.open = true;
    const input = line?.matches("input, textarea, select") ? line : line?.querySelector("input, textarea, select, button");
    input?.focus();
    input?.select?.();
  }
}

const chosen = (room) => [...room.selected];
