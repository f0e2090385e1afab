// Who edits: this window says every ten seconds that it is there, and is told who may save.
import { ask, Refused, Unreached } from "./talk.js";

const EVERY = 10000;
const NAME = "chengpi:window";

/** This window's name: kept over a reload, new for a window opened beside it. */
export function windowName() {
  const isReload = performance.getEntriesByType("navigation")[0]?.type === "reload";
  let name = isReload ? sessionStorage.getItem(NAME) : null;
  if (!name) name = Array.from(crypto.getRandomValues(new Uint8Array(12)), (one) => one.toString(16).padStart(2, "0")).join("");
  sessionStorage.setItem(NAME, name);
  return name;
}

export class Turns {
  /** `hear(seen)` is told who edits whenever it is asked; `lost()` that the server was not reached. */
  constructor({ base, window, hear, lost }) {
    Object.assign(this, { base, window, hear, lost });
    addEventListener("pagehide", () => this.say("editing/leave", true).catch(() => {}));
    addEventListener("pageshow", (event) => event.persisted && this.beat());
  }

  async begin() {
    await this.beat();
    this.timer = setInterval(() => this.beat(), EVERY);
  }

  say(verb, keepalive = false) {
    return ask(`${this.base}/${verb}`, { window: this.window }, { keepalive });
  }

  async beat() {
    await this.#heard("beat");
  }

  /** `ask`, `take`, `agree` or `refuse`. */
  async turn(verb) {
    await this.#heard(`editing/${verb}`);
  }

  async #heard(verb) {
    try {
      await this.hear(await this.say(verb));
    } catch (error) {
      if (error instanceof Unreached) this.lost();
      else if (error instanceof Refused) this.hear({ mine: false, refused: error });
      else throw error;
    }
  }
}
