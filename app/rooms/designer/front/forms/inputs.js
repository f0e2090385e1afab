// A control per sort of setting. A setting of a sort nobody knows is JSON in a box: shown, kept, and changeable.
import { Chooser } from "./chooser.js";
import { fresh, h } from "./dom.js";
import { Lists } from "./lists.js";
import { at, fields, ofPath, put, rechristen, taken } from "./model.js";
import { englishFor } from "./naming.js";

export class Inputs {
  constructor(room, panel) {
    this.room = room;
    this.panel = panel;
    this.lists = new Lists(room, this);
  }

  /** The label and the control of a setting of what lies at `path`. */
  line(item, one, path, together) {
    const known = together && this.panel.settings(item).filter((each) => together.includes(each.key));
    if (known?.length > 1) return this.sources(item, known, path);
    if (one.key === "label" || one.key === "title") return this.titled(item, one, path);
    if (one.key === "name") return this.named(item, one, path);
    if (one.key === "id") return this.boxed(one, h("code", {}, item.id));
    if (one.control === "flag") return this.flag(item, one, path);
    if (one.both && one.control === "text") return this.both(item, one, path);
    return this.sort(item, one, path);
  }

  sort(item, one, path) {
    const set = (value) => this.set(path, one.key, value);
    if (this.room.told.pickers[one.key]) return this.picked(item, one, set);
    switch (one.control) {
      case "one":
        return this.select(one, item[one.key], one.values, set);
      case "number":
        return this.number(item, one, set);
      case "day":
        return this.day(item, one, set);
      case "field":
        return this.select(one, item[one.key], this.names(one, item), set);
      case "fields":
        return this.boxed(one, one.keys.map((key) => this.select({ key, label: this.room.w(key) === key ? key : this.room.w(key) }, item[one.key]?.[key], this.names(one, item), (name) => this.set(path, one.key, this.without({ ...item[one.key], [key]: name })))));
      case "hook":
      case "text":
        return one.key === "sum_of" ? this.select(one, item.sum_of, this.sums(), set) : this.text(item, one, set);
      case "condition":
        return this.condition(item, one, path);
      case "several":
        return this.boxed(one, h("div", { class: "panel-several" }, one.values.map((each) => this.check(each.label, (item[one.key] ?? []).includes(each.value), (on) => set(one.values.map((other) => other.value).filter((value) => (value === each.value ? on : (at(this.room.data, path)[one.key] ?? []).includes(value))))))));
      case "lines":
        return this.paragraphs(item, one, path);
      case "choices":
      case "columns":
      case "messages":
      case "checks":
        return this.boxed(one, this.lists[one.control](item, one, path));
      default:
        return this.json(item, one, set);
    }
  }

  set(path, key, value, kind = "set") {
    this.room.change(`${kind}:${ofPath(path)}.${key}`, (data) => put(at(data, path), key, value));
  }

  without(one) {
    return Object.fromEntries(Object.entries(one).filter(([, value]) => value));
  }

  boxed(one, ...content) {
    return h("div", { class: "panel-line", "data-setting": one.key, role: "group", "aria-label": one.label }, h("span", { class: "panel-label" }, one.label), ...content, one.hint ? h("p", { class: "field-hint" }, one.hint) : null);
  }

  labelled(one, input, ...more) {
    const id = fresh("s");
    input.id = id;
    input.dataset.focus ??= `panel:${one.key}`;
    const hint = one.hint ? h("p", { class: "field-hint", id: `${id}h` }, one.hint) : null;
    if (hint) input.setAttribute("aria-describedby", `${id}h`);
    return h("div", { class: "panel-line", "data-setting": one.key }, h("label", { for: id }, one.needed ? h("b", { class: "star", "aria-hidden": "true" }, "*") : null, one.label), input, ...more, hint);
  }

  input(value, write, more = {}) {
    const long = more.longest > 450;
    const event = more.late ? "onchange" : "oninput";
    const shown = value ?? "";
    return h(long ? "textarea" : "input", { class: "form-control", value: String(shown), maxlength: more.longest, readonly: this.room.locked, rows: long ? 2 : null, type: long ? null : more.type ?? "text", placeholder: more.placeholder, "aria-label": more.label, [event]: (happened) => write(happened.target.value, happened.target), ...(more.attributes ?? {}) });
  }

  check(label, on, write) {
    return h("label", { class: "panel-check" }, h("input", { type: "checkbox", class: "form-check-input", checked: on, disabled: this.room.locked, onchange: (event) => write(event.target.checked) }), label);
  }

  flag(item, one, path) {
    const change = (on) => {
      if (on || !one.holds) this.set(path, one.key, on && !one.holds);
      else this.room.change(`set:${ofPath(path)}.${one.key}`, (data) => (at(data, path)[one.key] = false));
    };
    const line = this.check(one.label, item[one.key] ?? Boolean(one.holds), change);
    return h("div", { class: "panel-line is-flag", "data-setting": one.key }, line, one.hint ? h("p", { class: "field-hint" }, one.hint) : null);
  }

  text(item, one, set) {
    return this.labelled(one, this.input(item[one.key], (text) => set(text), { longest: one.longest }));
  }

  number(item, one, set) {
    return this.labelled(one, this.input(item[one.key], (text) => set(text === "" ? undefined : Number(text)), { type: "number", attributes: { min: one.min, max: one.max, step: one.whole ? 1 : "any" } }));
  }

  day(item, one, set) {
    const list = fresh("d");
    return this.labelled(one, this.input(item[one.key], (text) => set(text.trim()), { placeholder: "2026-01-31 / today+7d", attributes: { list } }), h("datalist", { id: list }, ["today", "today+1d", "today-30d"].map((each) => h("option", { value: each }))));
  }

  select(one, chosen, options, set) {
    const { room } = this;
    const value = chosen ?? "";
    const found = value === "" || options.some((each) => each.value === value) ? options : [{ value, label: value }, ...options];
    return this.labelled(one, h("select", { class: "form-select", disabled: room.locked, onchange: (event) => set(event.target.value) }, one.needed && value ? null : h("option", { value: "" }, room.w(one.control === "one" ? "unchanged" : "none")), found.map((each) => h("option", { value: each.value, selected: each.value === value }, each.label))));
  }

  picked(item, one, set) {
    const options = this.room.told.pickers[one.key];
    if (!options.length) return this.text(item, one, set);
    return this.select(one, item[one.key], options.map((each) => ({ value: each.value, label: each.label === each.value ? each.value : `${each.label} · ${each.value}` })), set);
  }

  /** Fields that may be named: of a table its columns, of a column its neighbours, else the form's. */
  names(one, item) {
    const { room } = this;
    const columns = item.columns ?? (room.selected.includes("columns") ? at(room.data, room.selected.slice(0, -1)) : null);
    return (columns ?? fields(room.data)).filter((each) => each !== item).map((each) => ({ value: each.name, label: `${room.name(each)} · ${each.name}` }));
  }

  sums() {
    return fields(this.room.data).flatMap((table) => (table.columns ?? []).filter((each) => ["number", "money"].includes(each.type)).map((each) => ({ value: `${table.name}.${each.name}`, label: `${this.room.name(table)} · ${this.room.name(each)}` })));
  }

  titled(item, one, path) {
    const { room } = this;
    const key = one.key;
    const other = this.input(item[`${key}.en`], (text) => room.change(`type:${ofPath(path)}.${key}.en`, (data) => (at(data, path)[`${key}.en`] = text)), { longest: 240 });
    other.dataset.focus = `panel:${key}.en`;
    const own = this.input(item[key], (text) => {
      const renamed = room.label(path, key, text);
      const now = at(room.data, path);
      other.value = now[`${key}.en`] ?? "";
      const name = this.panel.box.querySelector("[data-setting=name] input");
      if (renamed && name) {
        this.rechristened(path, ...renamed);
        name.value = at(room.data, path).name;
      }
    }, { longest: one.longest ?? 60 });
    return h("div", {}, this.labelled(one, own), this.labelled({ ...one, key: `${key}.en`, label: room.w("in_english", { label: one.label }), hint: "" }, other));
  }

  rechristened(path, old, name) {
    const { room } = this;
    room.change(`type:${ofPath(path)}.label`, (data) => rechristen(data, path, name));
    room.fresh.delete(old);
    room.fresh.add(name);
  }

  named(item, one, path) {
    const { room } = this;
    const own = this.input(item.name, (text, input) => {
      const name = text.trim();
      const fits = /^[a-z][a-z0-9_]{0,59}$/.test(name) && !taken(room.data, path).has(name);
      input.classList.toggle("is-invalid", !fits);
      if (!fits || name === item.name) return;
      room.fresh.delete(at(room.data, path).name);
      room.change("name", (data) => rechristen(data, path, name));
    }, { longest: 60, late: true, attributes: { spellcheck: "false", autocapitalize: "off" } });
    return this.labelled(one, own);
  }

  both(item, one, path) {
    const { room } = this;
    const key = one.key;
    const write = (which) => (text) => room.change(`type:${ofPath(path)}.${key}`, (data) => {
      const part = at(data, path);
      const old = part[key];
      put(part, which, text);
      if (which !== key) return;
      const english = part[`${key}.en`];
      if (!text) delete part[`${key}.en`];
      else if (!english || english === old || english === englishFor(old ?? "")) put(part, `${key}.en`, englishFor(text));
      other.value = part[`${key}.en`] ?? "";
    });
    const other = this.input(item[`${key}.en`], write(`${key}.en`), { longest: (one.longest ?? 60) * 4 });
    other.dataset.focus = `panel:${key}.en`;
    return h("div", {}, this.labelled(one, this.input(item[key], write(key), { longest: one.longest })), item[key] || item[`${key}.en`] ? this.labelled({ key: `${key}.en`, label: room.w("in_english", { label: one.label }) }, other) : null);
  }

  condition(item, one, path) {
    const columns = this.room.selected.includes("columns") ? at(this.room.data, path.slice(0, -1)) : undefined;
    const chooser = new Chooser(this.room, { text: item[one.key] ?? "", label: one.label, key: one.key, path: item.name, columns, write: (text) => this.set(path, one.key, text, "type") });
    return h("div", { class: "panel-line" }, h("span", { class: "panel-label" }, one.label), chooser.box);
  }

  // Choices come from a list, a dictionary or a hook; a sum is of an expression or of a column. One of them counts.
  sources(item, known, path) {
    const { room } = this;
    const now = known.find((each) => each.key in item) ?? known[0];
    const words = { choices: "source_choices", dictionary: "source_dictionary", hook: "source_hook", expression: "origin_expression", sum_of: "origin_sum" };
    const begin = { choices: () => room.begun("choice").choices, dictionary: () => room.told.pickers.dictionary[0]?.value, hook: () => room.told.pickers.hook[0]?.value, expression: () => "0", sum_of: () => this.sums()[0]?.value };
    const offered = known.filter((each) => each === now || begin[each.key]?.());
    const one = { key: "source", label: room.w("choices" === known[0].key ? "choice_source" : "origin"), needed: true };
    const pick = (key) => room.change("source", (data) => {
      const part = at(data, path);
      for (const each of known) delete part[each.key];
      put(part, key, begin[key]());
    });
    const choose = this.select(one, now.key, offered.map((each) => ({ value: each.key, label: room.w(words[each.key]) })), pick);
    return h("div", {}, choose, now.key === "expression" ? this.formula(item, now, path) : this.sort(item, now, path));
  }

  formula(item, one, path) {
    const { room } = this;
    const area = this.input(item.expression, (text) => this.set(path, "expression", text, "type"), { longest: 1000, attributes: { spellcheck: "false" } });
    const names = fields(room.data).filter((each) => ["number", "money", "date", "computed", "period"].includes(each.type) && each.name !== item.name);
    const days = fields(room.data).filter((each) => each.type === "date");
    const put_ = (name) => {
      area.setRangeText(name, area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input"));
      area.focus();
    };
    const offers = names.flatMap((each) => [each.type === "period" ? `days(${each.name}['from'], ${each.name}['to']) + 1` : each.name].map((text) => h("button", { type: "button", class: "btn btn-sm", onclick: () => put_(text) }, room.name(each))));
    if (days.length > 1) offers.push(h("button", { type: "button", class: "btn btn-sm", onclick: () => put_(`days(${days[0].name}, ${days[1].name}) + 1`) }, room.w("days_between", { one: room.name(days[0]), other: room.name(days[1]) })));
    return this.labelled(one, area, offers.length ? h("div", { class: "panel-offers" }, offers) : null);
  }

  paragraphs(item, one, path) {
    const { room } = this;
    const area = (key, label) => this.labelled({ key, label }, this.input((item[key] ?? []).join("\n"), (text) => room.change(`type:${ofPath(path)}.${key}`, (data) => {
      const part = at(data, path);
      const before = part.text ?? [];
      const lines = text.split("\n").filter((each, place, all) => each || all.length === 1);
      part[key] = lines;
      if (key !== "text" || !english) return;
      const old = part["text.en"] ?? [];
      part["text.en"] = lines.map((each, place) => (old[place] && old[place] !== before[place] ? old[place] : each));
      english.querySelector("textarea").value = part["text.en"].join("\n");
    }), { longest: 4000 }));
    const english = one.both ? area("text.en", room.w("in_english", { label: one.label })) : null;
    return h("div", {}, area(one.key, one.label), english);
  }

  json(item, one, set) {
    const write = (text, area) => {
      try {
        set(text.trim() ? JSON.parse(text) : undefined);
        area.classList.remove("is-invalid");
      } catch {
        area.classList.add("is-invalid");
      }
    };
    return this.labelled(one, this.input(item[one.key] === undefined ? "" : JSON.stringify(item[one.key]), write, { longest: 10_000, late: true }));
  }
}
