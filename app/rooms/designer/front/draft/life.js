// A draft's life in this window, the same on every page that changes its files (editor, forms, decision tables): saved by
// itself, handed over, told of in a banner; nothing typed is ever lost. A page extends it by what it alone knows:
//
//   changes()        { name: text } of what is not saved yet, at once or as a promise; {} when all is
//   peek()           the same at once, where the page can: kept by this browser with every change, sent as the window goes
//   locked(closed)   nothing can be changed from now on; or it can
//   show(read)       show the draft's files as they now count, after another has edited
//   restore(files)   put back what this browser kept, by name; it counts as changed
//   settled(done)    something has been saved
//
// `line` shows how saving stands (its data-state: dirty, saving, saved, offline, refused); `files` are those of this page.
import * as copy from "./copy.js";
import { leaving } from "./leaving.js";
import { Saving } from "./saving.js";
import { ask } from "./talk.js";
import { Turns, windowName } from "./turns.js";
import { say } from "../words/say.js";

export class Life {
  constructor({ draft, line, banner, takesOver = () => true }) {
    Object.assign(this, { draft, line, banner, takesOver });
    this.base = `/designer/drafts/${draft}`;
    this.window = windowName();
    this.isMine = true;
  }

  peek() {
    return null;
  }

  locked() {}
  settled() {}

  /** From now on it is saved by itself; `files`: what the server has of this page's files at `revision`. */
  begin(revision, files) {
    this.files = files;
    this.saving = new Saving({
      base: this.base, draft: this.draft, window: this.window, revision, done: (saved) => Object.assign(this.files, saved),
      read: () => this.changes(), peek: () => this.peek(), tell: (state, facts) => this.told(state, facts),
    });
    const kept = copy.kept(this.draft); // as it was left: changes from now on are kept over it
    this.turns = new Turns({ base: this.base, window: this.window, hear: (seen) => this.heard(seen), lost: () => this.told("offline") });
    addEventListener("beforeunload", (event) => this.flush?.() ?? (!this.saving.isClean && event.preventDefault()));
    leaving(this);
    this.turns.begin().then(() => this.offer(kept)); // restoring writes: whose turn it is must be known
  }

  /** It is to be published, and stays as it is until then. */
  stand(words) {
    this.close();
    this.isOver = true;
    this.banner.set("refused", words, [], "warn");
  }

  touch() {
    this.saving.touch();
  }

  told(state, facts) {
    const words = { dirty: say("有修改…"), saving: say("正在保存…"), offline: say("未连接") };
    const { line } = this;
    if (state === "same" || state === "read") {
      if (line.dataset.state !== { same: "dirty", read: "refused" }[state]) return;
      line.dataset.state = "saved";
      this.savedAt ??= Date.now();
      return void this.ago();
    }
    line.dataset.state = state;
    if (state === "saved") {
      this.banner.clear("offline", "copy", "refused");
      this.savedAt = Date.now();
      this.ago();
      this.settled(facts);
    } else if (state === "refused") this.refused(facts);
    else line.textContent = words[state];
    if (state === "offline") this.banner.set("offline", say("未连接 · 修改保留在本页，连上后自动保存"), [[say("立即重试"), () => this.saving.now()]], "warn");
  }

  ago() {
    clearInterval(this.clock);
    const { line } = this;
    const put = () => {
      if (line.dataset.state !== "saved") return;
      const seconds = Math.round((Date.now() - this.savedAt) / 1000);
      line.textContent = seconds < 5 ? say("已保存") : seconds < 60 ? say("{n} 秒前保存", { n: seconds }) : say("{n} 分钟前保存", { n: Math.floor(seconds / 60) });
    };
    put();
    this.clock = setInterval(put, 5000);
  }

  /** The server did not take it. What was sent is kept aside by it. */
  refused(error) {
    this.line.textContent = say("未保存");
    if (error.status === 409) {
      this.close();
      this.isOver = !("by_name" in error.body); // nobody else edits: what was said stays until one has read it
      const buttons = [[say("查看最新草稿"), () => location.reload()]];
      if (error.body.aside) buttons.unshift([say("查看我的修改"), () => this.history()]);
      this.banner.set("refused", `${error.body.detail ?? ""} ${error.body.advice ?? say("您的修改没有丢失，已另存在“历史”中。")}`, buttons, "warn");
    } else if (error.status === 401 || error.status === 403) {
      this.banner.set("refused", say("登录已过期，修改保留在本机；重新登录后打开本页即可恢复。"), [[say("重新登录"), () => {
        this.saving.pending = null; // this browser keeps it: nothing is lost by leaving
        location.reload();
      }]], "bad");
    } else {
      this.banner.set("refused", error.message, [[say("重试"), () => this.saving.now()]], "bad");
    }
  }

  /** What was saved before, and what was put aside: the editor shows it. */
  history() {
    location.assign(`${this.base}#history`);
  }

  /** The beat's answer: whether this window edits, who does, and who asks for it; a promise where it has to read or take first. */
  heard(seen) {
    if (seen.refused) {
      if (seen.refused.status === 404) this.banner.set("gone", say("这份草稿已被发布或删除。"), [[say("返回流程设计"), () => location.assign("/designer/")]], "bad");
      return;
    }
    if (this.line.dataset.state === "offline" && this.saving.isClean) {
      this.banner.clear("offline");
      this.line.dataset.state = "dirty";
      this.told("same");
    }
    if (seen.mine) {
      this.wasHeard = true;
      this.banner.clear("locked");
      const reopened = !this.isMine && !this.isOver ? this.reopen() : null;
      if (seen.asking) {
        this.banner.set("asked", say("{name} 请求接手编辑", { name: seen.asking }), [
          [say("交给对方"), () => this.hand()], [say("继续编辑"), () => this.turns.turn("refuse")],
        ], "warn");
      } else this.banner.clear("asked");
      return reopened;
    }
    if (seen.takes && !this.wasHeard && this.takesOver()) {
      this.wasHeard = true; // one's own other window, open or crashed: whoever opens anew goes on here
      return this.turns.turn("take");
    }
    this.wasHeard = true;
    if (this.isMine) this.lose();
    this.banner.clear("asked");
    const words = !seen.takes ? say("{name} 正在编辑，您可以查看。", { name: seen.editor ?? say("另一窗口") }) :
      !seen.editor ? say("现在没有人编辑。") :
      this.asked ? say("{name} 一分钟没有答复，您可以接手。", { name: seen.editor }) : say("您在另一窗口编辑着这份草稿。");
    const buttons = seen.takes ? [[say("接手编辑"), () => this.turns.turn("take")]] :
      this.asked ? [] : [[say("请求接手"), () => {
        this.asked = true;
        this.turns.turn("ask");
      }]];
    this.banner.set("locked", this.asked && !seen.takes ? `${words} ${say("已请求接手，等对方答复；一分钟无答复即可接手。")}` : words, buttons, "warn");
  }

  async hand() {
    await this.saving.now();
    await this.turns.turn("agree");
  }

  /** Another edits now: what was not saved is sent, and kept aside by the server. */
  async lose() {
    this.isMine = false;
    this.lock(true);
    await this.saving.now();
    this.saving.stop();
  }

  lock(closed) {
    this.isLocked = closed;
    this.locked(closed);
  }

  close() {
    this.isMine = false;
    this.saving.stop();
    this.lock(true);
  }

  /** It is this window's turn: what the other saved is read first. */
  async reopen() {
    this.isMine = true;
    this.asked = false;
    this.isOver = false;
    this.banner.clear("refused");
    await this.read();
  }

  async read() {
    const read = await ask(`${this.base}/files`);
    this.saving.go(read.revision);
    await this.show(read);
    this.lock(!this.isMine);
    this.told("read");
  }

  /** What this browser kept because it was never saved. */
  offer(found) {
    if (!found) return;
    const names = Object.keys(found.files).filter((name) => name in this.files && found.files[name] !== this.files[name]);
    if (!names.length) return copy.drop(this.draft, Object.keys(this.files));
    const files = Object.fromEntries(names.map((name) => [name, found.files[name]]));
    this.banner.set("copy", say("本机有一份没有保存成功的修改（{at}）。", { at: new Date(found.at).toLocaleString(document.documentElement.lang) }), [
      [say("恢复"), async () => {
        this.banner.clear("copy");
        await this.restore(files);
        await this.saving.now();
      }],
      [say("丢弃"), () => {
        copy.drop(this.draft, names);
        this.banner.clear("copy");
      }],
    ], "warn");
  }
}
