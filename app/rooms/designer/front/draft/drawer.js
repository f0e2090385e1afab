// The drawer below the canvas: what is wrong, what was saved before, and the file itself.
import { knows } from "../fixes/apply.js";
import { ask } from "./talk.js";
import { h } from "../panel/html.js";
import { said, say } from "../words/say.js";

export class Drawer {
  constructor(room, { base, named, pick, look, restore, fix, xml, resized }) {
    Object.assign(this, { room, base, named, pick, look, restore, fix, xml, resized });
    this.findings = null;
    this.at = -1;
    for (const tab of room.querySelectorAll("[role=tab]")) {
      tab.addEventListener("click", () => this.toggle(tab.dataset.part));
      tab.addEventListener("keydown", (event) => {
        const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
        if (!step) return;
        const tabs = [...room.querySelectorAll("[role=tab]")];
        tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length].focus();
      });
    }
    room.querySelector(".drawer-close").addEventListener("click", () => this.close());
  }

  toggle(part) {
    if (this.part === part) this.close();
    else this.open(part);
  }

  open(part) {
    this.part = part;
    this.room.classList.add("is-open");
    this.resized();
    this.draw();
  }

  close() {
    this.part = null;
    this.room.classList.remove("is-open");
    this.resized();
    this.mark();
  }

  mark() {
    for (const tab of this.room.querySelectorAll("[role=tab]")) {
      const isOn = tab.dataset.part === this.part;
      tab.setAttribute("aria-selected", String(isOn));
    }
  }

  /** New findings: the number beside 问题, and the list if it is open. */
  found(findings) {
    this.findings = findings;
    this.at = -1;
    const grave = findings.filter((one) => one.level === "error").length;
    for (const count of document.querySelectorAll("[data-findings]")) {
      count.textContent = findings.length || "";
      count.hidden = !findings.length;
      count.classList.toggle("is-grave", grave > 0);
    }
    if (this.part === "problems") this.draw();
  }

  /** Go to the next problem. */
  next() {
    if (!this.findings?.length) return;
    this.at = (this.at + 1) % this.findings.length;
    this.pick(this.findings[this.at]);
    if (this.part === "problems") this.room.querySelectorAll(".drawer-body li")[this.at]?.scrollIntoView({ block: "nearest" });
  }

  async draw() {
    this.mark();
    const body = this.room.querySelector(".drawer-body");
    const part = this.part;
    body.setAttribute("aria-label", { problems: say("问题"), history: say("历史"), xml: "XML" }[part] ?? "");
    if (part === "problems") body.replaceChildren(this.problems());
    else if (part === "history") {
      body.replaceChildren(h("p", { class: "drawer-none" }, say("正在读取…")));
      const { states } = await ask(`${this.base}/states`).catch(() => ({ states: null }));
      if (this.part === part) body.replaceChildren(this.history(states));
    } else if (part === "xml") {
      const text = await this.xml();
      if (this.part === part) body.replaceChildren(this.file(text));
    }
  }

  problems() {
    if (this.findings === null) return h("p", { class: "drawer-none" }, say("正在检查…"));
    if (!this.findings.length) return h("p", { class: "drawer-none" }, say("没有发现问题，可以演练或发布。"));
    const level = { error: say("错误"), warning: say("提醒"), hint: say("提示") };
    return h("ul", { class: "drawer-problems" }, this.findings.map((one) => h("li", { class: `is-${one.level}` },
      h("span", { class: "drawer-level" }, level[one.level] ?? one.level),
      h("button", { type: "button", class: "drawer-go", onclick: () => this.pick(one) }, one.message),
      one.fixes.filter(knows).map((fix) => h("button", { type: "button", class: "btn btn-sm", onclick: () => this.fix(one, fix) }, fix.label ?? said(fix))),
      one.element && h("code", {}, this.named(one)))));
  }

  history(states) {
    if (!states) return h("p", { class: "drawer-none" }, say("没有读到，请稍后再试。"));
    return h("table", { class: "drawer-history" },
      h("thead", {}, h("tr", {}, [say("时间"), say("保存人"), say("说明"), ""].map((one) => h("th", { scope: "col" }, one || h("span", { class: "visually-hidden" }, say("操作")))))),
      h("tbody", {}, states.map((one, index) => h("tr", { class: one.aside ? "is-aside" : null },
        h("td", { class: "num" }, one.at), h("td", {}, one.by),
        h("td", {}, one.aside ? h("span", { class: "state is-wait" }, say("另存的修改")) : null, one.note ?? "", index === states.findIndex((each) => !each.aside) ? h("span", { class: "soft" }, say("现在的草稿")) : null),
        h("td", { class: "drawer-verbs" }, h("button", { type: "button", class: "btn btn-sm", onclick: () => this.look(one) }, say("查看")),
          h("button", { type: "button", class: "btn btn-sm", onclick: () => this.restore(one) }, say("恢复为草稿")))))));
  }

  file(text) {
    const copied = h("span", { role: "status", class: "soft" });
    return h("div", { class: "drawer-file" },
      h("p", {}, h("button", { type: "button", class: "btn btn-sm", onclick: async () => {
        await navigator.clipboard?.writeText(text).then(() => (copied.textContent = say("已复制")), () => {});
      } }, say("复制")), copied),
      h("pre", { tabindex: 0 }, text));
  }
}
