// A condition, chosen: field, comparison, value, a row each; what rows cannot say is a text that the server judges.
import { fresh, h, icon } from "./dom.js";
import { listed, quoted, rows, said, signs, unquoted } from "./expression.js";
import { fields } from "./model.js";

/** Draws a condition into itself; `write(text)` is called with each new text, with "" where it goes. */
export class Chooser {
  constructor(room, { text, label, key, write, path, columns, outcomes = true }) {
    Object.assign(this, { room, text, key, write, path, columns, outcomes });
    this.asText = false;
    this.box = h("div", { class: "condition", role: "group", "aria-label": label, "data-setting": key });
    this.draw();
  }

  set(text) {
    this.text = text;
    this.write(text);
    this.draw();
  }

  draw() {
    const { room, text } = this;
    const button = (words, press, css = "btn btn-sm") => h("button", { type: "button", class: css, onclick: press, disabled: room.locked }, room.w(words));
    if (!text && !this.asText) {
      const first = this.lefts()[0];
      const begin = () => (first ? this.set(said({ joint: "and", rows: [this.row(first)] })) : ((this.asText = true), this.draw()));
      this.box.replaceChildren(button("add_condition", begin));
      return;
    }
    const found = rows(text);
    const known = found?.rows.every((row) => this.leftOf(row.left));
    if (this.asText || !known) {
      const id = fresh("x");
      const area = h("textarea", { class: "form-control condition-text", id, rows: 2, spellcheck: "false", value: text, readonly: room.locked, oninput: () => {
        this.text = area.value;
        this.write(area.value);
        again_.hidden = Boolean(this.text && !rows(this.text));
      } });
      const again_ = button("as_rows", () => ((this.asText = false), this.draw()), "btn-link");
      again_.hidden = Boolean(text && !known);
      this.box.replaceChildren(h("label", { class: "visually-hidden", for: id }, room.w("expression")), area, h("div", { class: "condition-verbs" }, again_, button("remove", () => ((this.asText = false), this.set("")), "btn-link")));
      return;
    }
    const joint = found.rows.length > 1
      ? h("select", { class: "form-select", "aria-label": room.w("conditions"), disabled: room.locked, onchange: (event) => this.set(said({ ...found, joint: event.target.value })) }, ["and", "or"].map((each) => h("option", { value: each, selected: each === found.joint }, room.w(each === "and" ? "all" : "any"))))
      : null;
    const again = (many) => this.set(many.length ? said({ ...found, rows: many }) : "");
    const lines = found.rows.map((row, place) => {
      const change = (next) => again(found.rows.map((each, at) => (at === place ? next : each)));
      return h("div", { class: "condition-row" }, this.left(row, change), this.sign(row, change), this.value(row, change), h("button", { type: "button", class: "part-verb", "aria-label": `${room.w("remove")} ${place + 1}`, disabled: room.locked, onclick: () => again(found.rows.filter((_, at) => at !== place)) }, icon("close")));
    });
    this.box.replaceChildren(...[joint, ...lines, h("div", { class: "condition-verbs" }, button("add_condition", () => again([...found.rows, this.row(this.lefts()[0])]), "btn-link"), button("as_text", () => ((this.asText = true), this.draw()), "btn-link"))].filter(Boolean));
  }

  // What may stand at the left: the form's other fields, both ends of a period, the button pressed.
  lefts() {
    const { room } = this;
    const own = this.path;
    const among = this.columns ?? fields(room.data);
    const found = among.filter((each) => each.name && each.name !== own && each.type !== "note").flatMap((each) => {
      const one = { name: each.name, label: room.name(each), field: each };
      if (each.type !== "period") return [one];
      return [one, ...["from", "to"].map((end) => ({ name: `${each.name}['${end}']`, label: `${room.name(each)} · ${room.w(end === "from" ? "begins" : "ends")}`, field: { type: "day" } }))];
    });
    const buttons = [...new Map(room.told.steps.flatMap((each) => each.outcomes).map((each) => [each.code, each])).values()];
    return this.outcomes && !this.columns ? [...found, { name: "outcome", label: room.w("outcome"), field: { type: "outcome", choices: buttons } }] : found;
  }

  leftOf(name) {
    return this.lefts().find((each) => each.name === name);
  }

  row(left) {
    const sign = signs(left.field)[0];
    return { left: left.name, sign: sign.sign, right: this.first(left.field, sign.value) };
  }

  first(field, value) {
    const code = this.options(field)[0]?.value ?? "";
    return { choice: quoted(code), choices: `[${quoted(code)}]`, number: "0", date: "today()", text: quoted("") }[value] ?? "";
  }

  options(field) {
    const { room } = this;
    if (field.choices) return field.choices.map((each) => ({ value: each.code, label: room.said(each, "label") || each.code }));
    return room.told.pickers.dictionary.find((each) => each.value === field.dictionary)?.words ?? [];
  }

  select(label, chosen, options, pick) {
    const { room } = this;
    const found = options.some((each) => each.value === chosen) ? options : [{ value: chosen, label: chosen }, ...options];
    return h("select", { class: "form-select", "aria-label": room.w(label), disabled: room.locked, onchange: (event) => pick(event.target.value) }, found.map((each) => h("option", { value: each.value, selected: each.value === chosen }, each.label)));
  }

  left(row, change) {
    return this.select("field", row.left, this.lefts().map((each) => ({ value: each.name, label: each.label })), (name) => change(this.row(this.leftOf(name))));
  }

  sign(row, change) {
    const { field } = this.leftOf(row.left);
    const many = signs(field);
    const options = many.map((each) => ({ value: each.sign, label: this.room.w(each.word) }));
    return this.select("operator", row.sign, options, (sign) => {
      const next = many.find((each) => each.sign === sign);
      const before = many.find((each) => each.sign === row.sign);
      change({ left: row.left, sign, right: next?.value === before?.value ? row.right : this.first(field, next?.value) });
    });
  }

  value(row, change) {
    const { room } = this;
    const { field } = this.leftOf(row.left);
    const sort = signs(field).find((each) => each.sign === row.sign)?.value ?? (row.right ? "text" : "");
    const set = (right) => change({ ...row, right });
    const plain = unquoted(row.right);
    const input = (type, text, write) => h("input", { class: "form-control", type, value: text, "aria-label": room.w("value"), step: type === "number" ? "any" : null, readonly: room.locked, onchange: (event) => write(event.target.value) });
    if (!sort) return null;
    if (sort === "choice") return this.options(field).length ? this.select("value", plain, this.options(field), (code) => set(quoted(code))) : input("text", plain, (text) => set(quoted(text)));
    if (sort === "choices") {
      const codes = listed(row.right);
      const offered = this.options(field);
      if (!offered.length) return input("text", codes.join("，"), (text) => set(`[${text.split(/[,，、]\s*/).filter(Boolean).map(quoted).join(", ")}]`));
      return h("span", { class: "condition-many" }, offered.map((each) => h("label", {}, h("input", { type: "checkbox", checked: codes.includes(each.value), disabled: room.locked, onchange: (event) => {
        const next = offered.map((one) => one.value).filter((code) => (code === each.value ? event.target.checked : codes.includes(code)));
        if (next.length) set(`[${next.map(quoted).join(", ")}]`);
        else event.target.checked = true;
      } }), each.label)));
    }
    if (sort === "text") return input("text", plain, (text) => set(quoted(text)));
    return this.measured(row, sort, plain, set, input);
  }

  // A number or a day: written, today, or what another field says.
  measured(row, sort, plain, set, input) {
    const { room } = this;
    const kinds = sort === "date" ? ["date", "date_time", "day"] : ["number", "money", "computed"];
    const others = this.lefts().filter((each) => kinds.includes(each.field.type) && each.name !== row.left);
    const isName = others.some((each) => each.name === row.right) || /^[a-z][a-z0-9_]*(\['\w+'\])?$/.test(row.right);
    const mode = isName ? "field" : row.right === "today()" ? "today" : "value";
    const modes = [{ value: "value", label: room.w("value") }, ...(sort === "date" ? [{ value: "today", label: room.w("today") }] : []), ...(others.length ? [{ value: "field", label: room.w("other_field") }] : [])];
    const choose = this.select("value", mode, modes, (next) => set(next === "today" ? "today()" : next === "field" ? others[0].name : sort === "date" ? quoted(new Date().toISOString().slice(0, 10)) : "0"));
    if (mode === "today") return h("span", { class: "condition-value" }, choose);
    if (mode === "field") return h("span", { class: "condition-value" }, choose, this.select("other_field", row.right, others.map((each) => ({ value: each.name, label: each.label })), set));
    const one = sort === "date" ? input("date", plain, (text) => text && set(quoted(text))) : input("number", plain, (text) => set(text === "" ? "0" : text));
    return h("span", { class: "condition-value" }, modes.length > 1 ? choose : null, one);
  }
}

