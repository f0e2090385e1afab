// Settings that are lists: choices, a table's columns, words for complaints, checks of the whole form.
import { Chooser } from "./chooser.js";
import { fresh, h, icon } from "./dom.js";
import { at, fields, ofPath, put, unused } from "./model.js";
import { englishFor } from "./naming.js";

export class Lists {
  constructor(room, inputs) {
    this.room = room;
    this.inputs = inputs;
  }

  change(path, key, alter, kind = "list") {
    this.room.change(`${kind}:${ofPath(path)}.${key}`, (data) => {
      const one = at(data, path);
      const list = one[key] ?? [];
      alter(list, one);
      put(one, key, list);
    });
  }

  again() {
    this.inputs.panel.draw("list");
  }

  verbs(path, key, place, count, name) {
    const { room } = this;
    const verb = (words, sign, off, alter) => h("button", { type: "button", class: "part-verb", title: room.w(words), "aria-label": `${room.w(words)} ${name}`, "data-focus": `list:${key}:${place}:${words}`, disabled: off || room.locked, onclick: () => {
      this.change(path, key, alter);
      this.again();
    } }, sign);
    return h("span", { class: "list-verbs" },
      verb("up", "↑", place === 0, (list) => list.splice(place - 1, 0, ...list.splice(place, 1))),
      verb("down", "↓", place === count - 1, (list) => list.splice(place + 1, 0, ...list.splice(place, 1))),
      verb("remove", icon("close"), false, (list) => list.splice(place, 1)),
    );
  }

  add(words, press) {
    return h("button", { type: "button", class: "btn btn-sm", "data-focus": `list:${words}`, disabled: this.room.locked, onclick: () => {
      press();
      this.again();
    } }, this.room.w(words));
  }

  choices(item, one, path) {
    const { room, inputs } = this;
    const many = item.choices ?? [];
    const type = (place, which) => (text) => this.change(path, one.key, (list) => {
      const each = list[place];
      const old = each.label;
      each[which] = text;
      if (which === "label" && (each["label.en"] === old || each["label.en"] === englishFor(old) || /^Option \d+$/.test(each["label.en"]))) each["label.en"] = englishFor(text) || text;
    }, "type");
    const word = (key, label) => ({ label: `${room.w(label)} `, longest: key === "code" ? 60 : 100 });
    const rows = many.map((each, place) => h("div", { class: "list-row", "data-setting": `choices[${place}]` },
      inputs.input(each.label, type(place, "label"), { ...word("label", "chinese"), label: room.w("option", { number: place + 1 }), attributes: { "data-focus": `choice:${place}` } }),
      inputs.input(each["label.en"], type(place, "label.en"), { ...word("label.en", "english"), label: `${room.w("option", { number: place + 1 })} ${room.w("english")}`, placeholder: room.w("english") }),
      inputs.input(each.code, type(place, "code"), { ...word("code", "choice_code"), label: `${room.w("option", { number: place + 1 })} ${room.w("choice_code")}`, placeholder: room.w("choice_code") }),
      this.verbs(path, one.key, place, many.length, each.label),
    ));
    const next = (list, label) => {
      const codes = new Set(list.map((each) => each.code));
      let number = list.length + 1;
      while (codes.has(String(number))) number += 1;
      return { code: String(number), label: label ?? (room.told.language === "en" ? `Option ${number}` : `选项${number}`), "label.en": label ? englishFor(label) : `Option ${number}` };
    };
    const id = fresh("b");
    const area = h("textarea", { class: "form-control", id, rows: 3, placeholder: room.w("choices_paste"), readonly: room.locked });
    const bulk = h("details", { class: "list-bulk" }, h("summary", {}, room.w("many_lines")), h("label", { class: "visually-hidden", for: id }, room.w("choices_paste")), area, this.add("add", () => {
      this.change(path, one.key, (list) => {
        for (const label of area.value.split(/\r?\n|\t/).map((each) => each.trim()).filter(Boolean)) list.push(next(list, label.slice(0, 100)));
      });
    }));
    return h("div", { class: "list is-choices" }, h("p", { class: "list-heads", "aria-hidden": "true" }, h("span", {}, room.w("chinese")), h("span", {}, room.w("english")), h("span", {}, room.w("choice_code"))), rows, this.add("add_choice", () => this.change(path, one.key, (list) => list.push(next(list)))), bulk);
  }

  columns(item, one, path) {
    const { room } = this;
    const many = item.columns ?? [];
    const rows = many.map((each, place) => h("div", { class: `list-row is-column${room.wrong([...path, "columns", place]).length ? " is-wrong" : ""}` },
      h("button", { type: "button", class: "list-open", "data-focus": `column:${place}`, onclick: () => room.select([...path, "columns", place], "label") }, each.required ? h("b", { class: "star", "aria-hidden": "true" }, "*") : null, h("span", {}, room.name(each)), h("small", {}, room.kindName(each.type))),
      this.verbs(path, one.key, place, many.length, each.label),
    ));
    const add = this.add("add_column", () => this.change(path, one.key, (list) => {
      const label = room.w("column");
      const name = unused("column", new Set(list.map((each) => each.name)));
      list.push({ type: "text", name, label, "label.en": room.told.language === "en" ? label : "Column" });
      room.fresh.add(name);
    }));
    return h("div", { class: "list" }, rows, add);
  }

  messages(item, one, path) {
    const { room, inputs } = this;
    const now = item.messages ?? {};
    const write = (alter) => room.change(`type:${ofPath(path)}.messages`, (data) => {
      const part = at(data, path);
      const copy = { ...part.messages };
      alter(copy);
      put(part, "messages", copy);
    });
    const rows = Object.entries(now).map(([code, words]) => h("div", { class: "list-row is-message" }, h("code", {}, code),
      inputs.input(words.zh, (text) => write((all) => (all[code] = { ...all[code], zh: text })), { longest: 500, label: `${code} ${room.w("chinese")}` }),
      inputs.input(words.en, (text) => write((all) => (all[code] = { ...all[code], en: text })), { longest: 2000, label: `${code} ${room.w("english")}` }),
      h("button", { type: "button", class: "part-verb", "aria-label": `${room.w("remove")} ${code}`, disabled: room.locked, onclick: () => {
        write((all) => delete all[code]);
        this.again();
      } }, icon("close")),
    ));
    const left = one.keys.filter((code) => !(code in now));
    const more = h("select", { class: "form-select", "aria-label": room.w("add_message"), disabled: room.locked, onchange: (event) => {
      const code = event.target.value;
      write((all) => (all[code] = { zh: room.name(item), en: item["label.en"] ?? code }));
      this.again();
    } }, h("option", { value: "" }, room.w("add_message")), left.map((code) => h("option", { value: code }, code)));
    return h("div", { class: "list" }, rows, left.length ? more : null);
  }

  // Conditions over the whole form, each with the words for when it fails, and hooks.
  checks(item, one, path) {
    const { room, inputs } = this;
    const many = item.checks ?? [];
    const set = (place, key, value) => this.change(path, one.key, (list) => put(list[place], key, value), "type");
    const words = (place, key) => (text) => this.change(path, one.key, (list) => (list[place].message = { ...list[place].message, [key]: text }), "type");
    const follow = (place) => (text, input) => this.change(path, one.key, (list) => {
      const message = list[place].message ?? {};
      const both = message.en === message.zh || !message.en;
      list[place].message = { zh: text, en: both ? text : message.en };
      if (both) input.closest(".check").querySelector("[data-english]").value = text;
    }, "type");
    const rows = many.map((each, place) => {
      if (typeof each === "string" || each.hook) return h("div", { class: "list-row is-check" }, h("span", {}, room.w("check_hook")), h("code", {}, each.hook ?? each), this.verbs(path, one.key, place, many.length, each.hook ?? each));
      const chooser = new Chooser(room, { text: each.that, label: room.w("check_that"), key: `that${place}`, outcomes: true, write: (text) => text && set(place, "that", text) });
      const target = { key: `field${place}`, label: room.w("check_field") };
      return h("div", { class: "check" },
        h("div", { class: "check-head" }, h("span", { class: "panel-label" }, room.w("check_that")), this.verbs(path, one.key, place, many.length, each.message?.zh ?? "")),
        chooser.box,
        inputs.labelled({ key: `zh${place}`, label: room.w("check_message") }, inputs.input(each.message?.zh, follow(place), { longest: 500 })),
        inputs.labelled({ key: `en${place}`, label: room.w("in_english", { label: room.w("check_message") }) }, inputs.input(each.message?.en, words(place, "en"), { longest: 2000, attributes: { "data-english": true } })),
        inputs.select(target, each.field, fields(room.data).map((field) => ({ value: field.name, label: room.name(field) })), (name) => set(place, "field", name)),
      );
    });
    const first = fields(room.data)[0];
    const add = first ? this.add("add_check", () => this.change(path, one.key, (list) => list.push({ that: `${first.name} != null`, message: { zh: room.w("check_begins"), en: room.w("check_begins") } }))) : null;
    const hooks = room.told.pickers.check.filter((each) => !many.some((known) => (known.hook ?? known) === each.value));
    const hook = hooks.length ? h("select", { class: "form-select", "aria-label": room.w("check_hook"), disabled: room.locked, onchange: (event) => {
      const name = event.target.value;
      this.change(path, one.key, (list) => list.push(name));
      this.again();
    } }, h("option", { value: "" }, `${room.w("check_hook")}…`), hooks.map((each) => h("option", { value: each.value }, each.label))) : null;
    return h("div", { class: "list" }, rows, add, hook);
  }
}
