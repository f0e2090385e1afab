// How the server draws the form at a step: what is typed into it stays, also at the next step; nothing is kept.
import { h } from "./dom.js";

export class Preview {
  constructor(room, form, paper) {
    Object.assign(this, { room, form, paper, number: 0, shown: "" });
    this.step = document.getElementById("preview-step");
    this.outcome = document.getElementById("preview-outcome");
    const steps = room.told.steps.length ? room.told.steps : [{ key: "start", sort: "start", name: room.w("start"), who: "", outcomes: [] }];
    this.steps = steps;
    this.step.append(...steps.map((each) => h("option", { value: each.key }, (each.sort === "start" ? room.w("start") : each.name) + (each.who ? ` · ${each.who}` : ""))));
    this.offer();
    this.step.addEventListener("change", () => {
      this.offer();
      this.draw();
    });
    this.outcome.addEventListener("change", () => this.draw());
    for (const each of document.querySelectorAll("[name=preview-language]")) each.addEventListener("change", () => this.draw());
    for (const each of document.querySelectorAll("[name=preview-width]")) each.addEventListener("change", () => paper.classList.toggle("is-phone", each.value === "phone" && each.checked));
    form.addEventListener("submit", (event) => event.preventDefault());
  }

  // The buttons of the step: conditions may ask which one is pressed.
  offer() {
    const { outcomes } = this.steps.find((each) => each.key === this.step.value) ?? this.steps[0];
    this.outcome.replaceChildren(h("option", { value: "" }, "—"), ...outcomes.map((each) => h("option", { value: each.code }, each.label)));
    this.outcome.hidden = outcomes.length < 2;
    document.querySelector("label[for=preview-outcome]").hidden = this.outcome.hidden;
  }

  async draw() {
    const { room, form } = this;
    const number = ++this.number;
    const sent = new FormData(form);
    for (const [name, value] of [...sent]) if (value instanceof File || name.startsWith("form:")) sent.delete(name);
    const own = { text: room.text, step: this.step.value, language: document.querySelector("[name=preview-language]:checked").value, outcome: this.outcome.hidden ? "" : this.outcome.value };
    for (const [name, value] of Object.entries(own)) sent.set(`form:${name}`, value);
    sent.set("csrf_token", document.querySelector("meta[name=csrf-token]").content);
    const answer = await fetch(form.action, { method: "POST", body: sent }).catch(() => null);
    const page = answer?.ok ? await answer.text() : null;
    if (number !== this.number) return;
    if (page === null) {
      form.replaceChildren(h("p", { class: "notice is-warning" }, room.w("preview_fails")));
      return;
    }
    const read = new DOMParser().parseFromString(page, "text/html");
    const hidden = Object.entries({ ...own, csrf_token: sent.get("csrf_token") }).map(([name, value]) => h("input", { type: "hidden", name: name === "csrf_token" ? name : `form:${name}`, value }));
    form.lang = own.language === "en" ? "en" : "zh-CN";
    form.replaceChildren(...hidden, ...read.body.childNodes);
    form.dispatchEvent(new CustomEvent("htmx:after:swap", { bubbles: true })); // fields.js begins on what has come
  }
}
