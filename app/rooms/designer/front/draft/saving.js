// Saving by itself: half a second after the last change, one request at a time, again and again while the server is not reached.
import { ask, Refused, Unreached } from "./talk.js";
import * as copy from "./copy.js";

const PAUSE = 500;
const LONGEST_WAIT = 15000;
const MOST_AT_LAST = 60000;

export class Saving {
  /**
   * `read()` gives the changed files' texts; `peek()` the same at once, or null; `done(files)` takes what was saved;
   * `tell(state, facts)` hears `dirty saving saved same offline refused`.
   */
  constructor({ base, draft, window, revision, read, peek, done, tell }) {
    Object.assign(this, { base, draft, window, revision, read, peek, done, tell });
    this.pending = null;
    this.waits = 1000;
    this.isStopped = false;
    addEventListener("online", () => this.pending && this.soon(0));
    addEventListener("visibilitychange", () => document.visibilityState === "hidden" && !this.isClean && this.now());
    addEventListener("pagehide", () => this.last());
  }

  get isClean() {
    return !this.pending && !this.running && !this.timer;
  }

  /** Something was changed. */
  touch() {
    if (this.isStopped) return;
    this.#keep();
    this.tell("dirty");
    this.soon(PAUSE);
  }

  #keep() {
    const files = this.peek();
    if (files && Object.keys(files).length) copy.keep(this.draft, this.revision, files);
  }

  /** The window goes: what may still be sent is, within what browsers let a page send then; the rest is in the copy. */
  last() {
    if (this.isStopped) return;
    this.#keep();
    if (this.running) return; // it is on its way
    const files = { ...this.pending, ...this.peek() };
    if (!Object.keys(files).length || JSON.stringify(files).length > MOST_AT_LAST) return;
    ask(`${this.base}/save`, { window: this.window, read: this.revision, files }, { keepalive: true }).catch(() => {});
  }

  soon(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), wait);
  }

  /** Save now, under a `note` if there is one; resolves when it is saved, or has failed. */
  async now(note) {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.isStopped) return false;
    if (this.running) {
      await this.running;
      return this.now(note);
    }
    this.running = this.#once(note);
    try {
      return await this.running;
    } finally {
      this.running = null;
    }
  }

  async #once(note) {
    const files = { ...this.pending, ...(await this.read()) };
    if (!Object.keys(files).length && !note) {
      this.tell("same"); // done and undone again
      return true;
    }
    this.pending = files;
    copy.keep(this.draft, this.revision, files);
    this.tell("saving");
    try {
      const done = await ask(`${this.base}/save`, { window: this.window, read: this.revision, files, note });
      this.revision = done.revision;
      this.waits = 1000;
      this.pending = null;
      this.done(files);
      copy.drop(this.draft, Object.keys(files));
      this.tell("saved", done);
      return true;
    } catch (error) {
      if (error instanceof Unreached) {
        this.tell("offline");
        this.soon(this.waits);
        this.waits = Math.min(this.waits * 2, LONGEST_WAIT);
      } else if (error instanceof Refused) {
        if (error.status === 409) copy.drop(this.draft, Object.keys(files)); // kept aside by the server
        this.pending = error.status === 409 ? null : this.pending;
        this.tell("refused", error);
      } else throw error;
      return false;
    }
  }

  /** From now on nothing is saved from here, until `go`. */
  stop() {
    clearTimeout(this.timer);
    this.timer = null;
    this.isStopped = true;
  }

  go(revision) {
    this.isStopped = false;
    this.pending = null;
    this.revision = revision;
  }
}
