// A draft's life in the editor: which of its diagrams is shown, checked, looked back at; the rest is every page's (life.js).
import { fit } from "../canvas/modeler.js";
import { apply } from "../fixes/apply.js";
import { readable } from "./ids.js";
import { Life } from "./life.js";
import { ask } from "./talk.js";
import { say } from "../words/say.js";

export class DiagramLife extends Life {
  constructor({ room, modeler, banner, checked }) {
    // on a phone one looks: another window of one's own goes on drawing
    super({ draft: room.dataset.draft, line: room.querySelector("#saved"), banner, takesOver: () => matchMedia("(min-width: 901px)").matches });
    Object.assign(this, { room, modeler, checked, dirty: false });
  }

  /** Read the draft and show its diagram; what this browser kept of it is offered. */
  async open() {
    const read = await ask(`${this.base}/files`);
    this.files = read.files;
    this.file = this.main(read.process);
    this.choose();
    await this.put(this.files[this.file]);
    this.begin(read.revision, this.files);
    this.modeler.on("commandStack.changed", () => {
      if (this.quiet || !this.isMine || this.looking) return;
      this.dirty = true;
      this.touch();
    });
    if (read.standing) this.stand(read.standing);
    this.check();
  }

  flush() {
    this.panel?.flush();
  }

  main(process) {
    const names = Object.keys(this.files).filter((name) => /\.bpmn(20\.xml)?$/.test(name));
    return names.find((name) => new RegExp(`<(\\w+:)?process\\b[^>]*\\bid="${process}"`).test(this.files[name])) ?? names[0];
  }

  async put(text) {
    this.quiet = true;
    try {
      const { warnings } = await this.modeler.importXML(readable(text));
      fit(this.modeler);
      if (!warnings.length) return void this.banner.clear("import");
      const what = warnings.map((one) => one.message.split("\n")[0]).join("; ").slice(0, 300);
      this.banner.set("import", say("文件中有 {n} 处不能识别，保存后会去掉：{what}", { n: warnings.length, what }), [[say("知道了"), () => this.banner.clear("import")]], "warn");
    } finally {
      this.quiet = false;
    }
  }

  /** The diagrams of the bundle, where there are several. */
  choose() {
    const select = this.room.querySelector("#diagram");
    const names = Object.keys(this.files).filter((name) => /\.bpmn(20\.xml)?$/.test(name));
    select.replaceChildren(...names.map((name) => new Option(name.replace(/\.bpmn(20\.xml)?$/, ""), name, false, name === this.file)));
    select.closest("div").hidden = names.length < 2;
    select.onchange = () => this.turnTo(select.value);
  }

  async turnTo(name) {
    if (name === this.file || !this.files[name]) return;
    if (!(await this.saving.now()) && this.dirty) return;
    this.file = name;
    this.choose();
    await this.put(this.files[name]);
    this.checked(this.findings ?? []);
  }

  /** The changed files as text; what is typed in the panel counts. */
  async changes() {
    this.panel?.flush();
    if (!this.dirty) return {};
    this.dirty = false;
    const { xml } = await this.modeler.saveXML({ format: true });
    if (xml === this.files[this.file]) return {};
    this.files[this.file] = xml;
    return { [this.file]: xml };
  }

  async text() {
    return (await this.modeler.saveXML({ format: true })).xml;
  }

  settled(done) {
    this.called(done.name);
    this.check();
  }

  /** The page goes by the draft's name, which follows the process's. */
  called(name) {
    const title = this.room.querySelector("h1");
    document.title = document.title.replace(title.textContent, () => name);
    title.textContent = name;
  }

  locked(closed) {
    this.room.classList.toggle("is-locked", closed);
    this.modeler.get("lock").set(closed);
    if (this.panel) {
      this.panel.locked = closed;
      this.panel.render();
    }
    for (const one of this.room.querySelectorAll(".designer-palette button, [data-writes]")) one.disabled = closed;
  }

  history() {
    this.drawer.open("history");
  }

  /** The draft as it now counts. */
  async show(read) {
    this.files = read.files;
    if (!this.files[this.file]) this.file = this.main(read.process);
    this.choose();
    this.dirty = false;
    this.looking = null;
    this.banner.clear("looking");
    await this.put(this.files[this.file]);
    this.check();
  }

  async restore(files) {
    for (const name of Object.keys(files)) if (name !== this.file) this.saving.pending = { ...this.saving.pending, [name]: files[name] };
    if (files[this.file]) await this.put(files[this.file]);
    this.dirty = true;
  }

  async check() {
    try {
      const { findings } = await ask(`${this.base}/check`, {});
      this.findings = findings;
      this.checked(findings);
    } catch {
      // asked again with the next save
    }
  }

  /** Show where a finding stands. */
  async go(one) {
    if (one.file && one.file !== this.file && this.files[one.file] && /\.bpmn/.test(one.file)) await this.turnTo(one.file);
    const element = one.element && this.modeler.get("elementRegistry").get(one.element);
    if (!element) return;
    this.modeler.get("selection").select(element);
    this.modeler.get("canvas").scrollToElement(element, 80);
  }

  askNote() {
    const dialog = this.room.querySelector("#keep");
    if (this.isMine && !dialog.open) dialog.showModal();
  }

  async keep(note) {
    this.panel.flush();
    await this.saving.now(note);
    if (this.drawer.part === "history") this.drawer.draw();
  }

  /** Look at an earlier state; nothing of it counts until it is restored. */
  async look(state) {
    await this.saving.now();
    const read = await ask(`${this.base}/files?revision=${state.revision}`);
    this.looking = state;
    await this.put(read.files[this.file] ?? Object.entries(read.files).find(([name]) => name.endsWith(".bpmn"))?.[1]);
    this.lock(true);
    this.banner.set("looking", say("正在查看 {at} 由 {by} 保存的内容，不能修改。", { at: state.at, by: state.by }), [
      [say("恢复为草稿"), () => this.backTo(state)], [say("返回现在的草稿"), () => this.read()],
    ]);
  }

  async backTo(state) {
    try {
      await this.saving.now();
      const done = await ask(`${this.base}/states/${state.id}/restore`, { window: this.window });
      this.called(done.name);
      this.isMine = true;
      this.isOver = false;
      this.banner.clear("refused");
      await this.read();
      this.drawer.draw();
    } catch (error) {
      this.told("refused", error);
    }
  }

  /** Another text of a file that is not drawn here. */
  async rewrite(name, text) {
    if (!this.isMine || this.looking || text === this.files[name]) return this.check();
    this.saving.pending = { ...this.saving.pending, [name]: text };
    await this.saving.now();
  }

  /** Put a finding right, as one step of undo. */
  async fix(one, fix) {
    if (fix.fix === "own_file_id") return this.rewrite(fix.file, readable(this.files[fix.file]));
    await this.go(one);
    try {
      apply(this.modeler, fix);
    } catch {
      this.check(); // what it speaks of has gone meanwhile
    }
  }
}
