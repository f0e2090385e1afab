// An open page asks every fifteen seconds whether anything is new, while somebody looks at it. The question is short and
// answered at once (304 where nothing is): nothing waits on the server. What came is told, and never put under the
// reader's hands; a task that another has decided, or that was stopped, says so and can no longer be sent.

const place = document.getElementById("inbox-live");
const open = document.getElementById("case-live");
const LONGEST = 120000;

if (place) begin();

function begin() {
  const every = Number(place.dataset.every) * 1000;
  let tag = "";
  let timer = 0;
  let failed = 0;
  let over = false;
  let asking = false;
  const listed = place.dataset.listed.endsWith("+") ? Infinity : Number(place.dataset.listed);

  const address = () => {
    const asked = new URLSearchParams({ since: place.dataset.since });
    if (open) asked.set("task", open.dataset.task);
    if (place.dataset.instance) asked.set("instance", place.dataset.instance);
    return `${place.dataset.pulse}?${asked}`;
  };

  const ask = async () => {
    clearTimeout(timer);
    if (over || asking || document.visibilityState === "hidden") return;
    asking = true;
    try {
      const headers = { Accept: "application/json", ...(tag ? { "If-None-Match": tag } : {}) };
      const answer = await fetch(address(), { headers, credentials: "same-origin", redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(10000) });
      if (answer.type === "opaqueredirect" || answer.status === 401) return leave();
      if (answer.status !== 304) {
        if (!answer.ok) throw new Error(String(answer.status));
        await told(await answer.json());
        tag = answer.headers.get("ETag") ?? "";
      }
      failed = 0;
      bar("offline", false);
    } catch {
      failed += 1;
      if (!navigator.onLine) bar("offline", true);
    } finally {
      asking = false;
      if (!over) timer = setTimeout(ask, Math.min(LONGEST, every * 2 ** Math.min(failed, 5)));
    }
  };

  const leave = () => {
    over = true;
    bar("left", true);
  };

  const told = async ({ counts, task, instance }) => {
    for (const [name, count] of Object.entries(counts)) say(name, count);
    if (counts.unread !== undefined) ring(counts.unread);
    // what came after the page, or, where it was there before (given back, say), what there is more of
    if (place.dataset.box === "todo") news(Math.max(counts.new ?? 0, counts.todo - listed));
    if (open && task !== open.dataset.mark) await look(task);
    if (instance !== undefined && instance !== place.dataset.instanceMark) bar("moved", true);
  };

  document.addEventListener("visibilitychange", ask);
  window.addEventListener("online", ask);
  window.addEventListener("offline", () => bar("offline", true));
  window.addEventListener("pageshow", (event) => event.persisted && ask());
  timer = setTimeout(ask, every);
}

function bar(name, shown) {
  const line = place.querySelector(`[data-bar-${name}]`);
  if (line && line.hidden === shown) line.hidden = !shown;
}

function say(name, count) {
  const words = count > 999 ? "999+" : String(count);
  for (const one of document.querySelectorAll(`[data-count="${name}"]`)) {
    if (one.textContent !== words) one.textContent = words;
    const badge = one.closest("[data-badge]");
    if (badge) badge.hidden = !count;
  }
}

// The bell has its own words: 99+ from a hundred on, and a name for who does not see the number.
function ring(count) {
  const words = count > 99 ? "99+" : String(count);
  for (const number of document.querySelectorAll("[data-unread]")) {
    if (number.textContent !== words) number.textContent = words;
    number.hidden = !count;
    const { some, none } = number.parentElement.dataset;
    number.parentElement.setAttribute("aria-label", count ? some.replace("{count}", words) : none);
  }
}

function news(count) {
  if (count < 1) return;
  const words = place.querySelector("[data-bar-new] [data-words]");
  const said = words.dataset.words.replace("{count}", count > 99 ? "99+" : count);
  if (words.textContent !== said) words.textContent = said;
  bar("new", true);
}

// Asks for the piece of the page that says who is there and what became of the task.
async function look(mark) {
  const buttons = [...document.querySelectorAll('button[name="outcome"][form="answer"], #answer button[name="outcome"]')];
  const asked = new URLSearchParams({ revision: open.dataset.revision, ...(buttons.length ? { live: 1 } : { late: 1 }) });
  const answer = await fetch(`${open.dataset.live}?${asked}`, { headers: { "HX-Request": "true" }, credentials: "same-origin", redirect: "manual" });
  if (answer.status === 404) {
    const gone = document.createElement("p");
    gone.className = "notice is-warning";
    gone.dataset.fate = gone.textContent = open.dataset.gone;
    open.replaceChildren(gone);
  } else {
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    open.replaceChildren(...page.body.childNodes);
  }
  open.dataset.mark = mark;
  off(buttons, open.querySelector("[data-fate]")?.dataset.fate ?? "");
}

// Buttons that can no longer be pressed say why; what is typed stays and is kept.
function off(buttons, reason) {
  const line = document.querySelector("[data-off]");
  for (const button of buttons) {
    button.disabled = Boolean(reason);
    if (reason) button.setAttribute("aria-describedby", "verdict-off");
    else button.removeAttribute("aria-describedby");
  }
  if (line) {
    line.textContent = reason;
    line.hidden = !reason;
  }
  document.querySelector(".verdict")?.classList.toggle("is-off", Boolean(reason));
}
