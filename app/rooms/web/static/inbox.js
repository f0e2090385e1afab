// Keys of the inbox; all of it works without them. No key does anything while one types or composes, single letters can
// be switched off (WCAG 2.1.4), and none decides without a question.

const place = document.getElementById("inbox-live");
const single = place?.dataset.single !== "off";
const announce = (words) => {
  const line = place?.querySelector("[data-say]");
  if (line) line.textContent = words;
};

const typing = (target) => target.closest?.('input:not([type="checkbox"], [type="radio"], [type="button"], [type="submit"]), textarea, select, [contenteditable]');

// The list: j k walk it, Enter opens (it is a link), x ticks, Shift+x as far as here.
const cases = () => [...document.querySelectorAll("[data-cases] .case")];
const here = (all) => all.find((one) => one === document.activeElement || one.parentElement?.contains(document.activeElement)) ?? all.find((one) => one.ariaCurrent);
function walk(step) {
  const all = cases();
  if (!all.length) return;
  const at = all.indexOf(here(all));
  all[Math.min(all.length - 1, Math.max(0, at + step))].focus();
}
const tickOf = (one) => one?.closest("li, tr")?.querySelector('input[type="checkbox"][name="row"]');
let last = null;
function tick(far) {
  const all = cases();
  const one = here(all);
  const box = tickOf(one);
  if (!box) return;
  const from = far && last ? all.indexOf(last) : -1;
  const to = all.indexOf(one);
  const checked = from < 0 ? !box.checked : tickOf(last).checked;
  const range = from < 0 ? [one] : all.slice(Math.min(from, to), Math.max(from, to) + 1);
  for (const each of range) {
    const tick = tickOf(each);
    if (!tick || tick.checked === checked) continue;
    tick.checked = checked;
    tick.dispatchEvent(new Event("change", { bubbles: true }));
  }
  last = one;
  announce(place.dataset.ticked.replace("{count}", document.querySelectorAll('input[name="row"]:checked').length));
}

// The task: a letter chooses an outcome, a question stands before it, and Enter answers that.
const ask = document.querySelector("[data-ask]");
const outcomes = () => [...document.querySelectorAll('.verdict button[name="outcome"]')].filter((one) => !one.disabled);
const named = (words, button) => place.dataset[words].replace("{outcome}", button.textContent.trim());
let chosen = null;
let came = null;

function question(button) {
  const opinion = document.getElementById("comment");
  if ("needsOpinion" in button.dataset && opinion && !opinion.value.trim()) {
    choose(button);
    return announce(named("needs", button));
  }
  chosen = button;
  came = document.activeElement;
  const words = ask.querySelector("[data-ask-words]");
  words.textContent = words.dataset.askWords.replace("{outcome}", button.textContent.trim());
  document.dispatchEvent(new CustomEvent("outcome", { detail: button.value }));
  ask.hidden = false;
  ask.querySelector("[data-ask-yes]").focus({ preventScroll: true });
}
function choose(button) {
  chosen = button;
  for (const one of outcomes()) one.classList.toggle("is-chosen", one === button);
  document.getElementById("comment")?.focus({ preventScroll: true }); // the footer is in sight anyway
  document.dispatchEvent(new CustomEvent("outcome", { detail: button.value }));
  announce(named("chosen", button));
}
function close() {
  ask.hidden = true;
  came?.focus?.({ preventScroll: true });
}
ask?.querySelector("[data-ask-yes]").addEventListener("click", () => {
  ask.hidden = true;
  if (chosen && !chosen.disabled) chosen.form.requestSubmit(chosen);
});
ask?.querySelector("[data-ask-no]").addEventListener("click", close);

// kind, and which of its kind; where there is no second one, the first
function outcome(kind, which) {
  const all = outcomes().filter((one) => one.dataset.outcome === kind);
  const button = all[which] ?? all[0];
  if (!outcomes().length) return;
  if (!button) return announce(place.dataset.noOutcome);
  if (kind === "no" && document.getElementById("comment")) choose(button);
  else question(button);
}
function transfer() {
  const link = document.querySelector('[data-verb="transfer"], .verdict a[href*="/transfer"]');
  if (link) link.click();
  else if (document.querySelector(".verdict")) announce(place.dataset.noVerb);
}

// Ctrl+Enter means the outcome chosen, or the only one there is; the question comes first.
function submitFrom(event) {
  const form = event.target.form ?? event.target.closest?.("form");
  const isBody = event.target === document.body || event.target.closest?.(".verdict");
  if (!ask || !(form?.dataset.draft || isBody)) return;
  event.preventDefault();
  const all = outcomes();
  const button = chosen && !chosen.disabled ? chosen : all.length === 1 ? all[0] : null;
  if (!ask.hidden) ask.querySelector("[data-ask-yes]").click();
  else if (button) question(button);
  else all[0]?.focus();
}

// g, then a letter, goes to a box.
const BOXES = { i: "todo", q: "claimable", s: "mine", d: "done", c: "copies", f: "drafts" };
let going = 0;
function go(key) {
  going = 0;
  const box = BOXES[key];
  if (!box) return;
  const link = document.querySelector(`a[href*="box=${box}"]`);
  location.assign(link ? link.href : `${place.dataset.inbox}?box=${box}`);
}

// ? shows the page of keys in a dialog.
async function help() {
  let dialog = document.getElementById("keys-dialog");
  if (!dialog) {
    const answer = await fetch(place.dataset.keys, { credentials: "same-origin" });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const keys = page.getElementById("keys");
    if (!keys) return location.assign(place.dataset.keys);
    dialog = document.createElement("dialog");
    dialog.id = "keys-dialog";
    dialog.setAttribute("aria-labelledby", "keys-title");
    const head = document.createElement("form");
    head.method = "dialog";
    const title = document.createElement("h2");
    title.id = "keys-title";
    title.textContent = keys.getAttribute("aria-label");
    const button = document.createElement("button");
    button.className = "btn btn-sm";
    button.textContent = place.dataset.close;
    head.append(title, button);
    dialog.append(head, keys);
    document.body.append(dialog);
  }
  dialog.showModal();
}
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-keys-link]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  help();
});

function back() {
  if (document.querySelector("details[data-drop][open]")) return; // shell.js closes it
  document.querySelector(".case-back")?.click();
}

const letters = {
  j: () => walk(1),
  k: () => walk(-1),
  x: () => tick(false),
  X: () => tick(true),
  a: () => outcome("yes", 0),
  r: () => outcome("no", 0),
  d: () => outcome("no", 1),
  t: transfer,
  "?": help,
  "？": help,
  "/": () => {
    const search = document.querySelector("[data-search]");
    search?.closest("details")?.setAttribute("open", "");
    search?.focus();
  },
  g: () => {
    going = Date.now();
  },
};

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return submitFrom(event);
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat && event.key !== "j" && event.key !== "k") return;
  if (document.querySelector("dialog[open]")) return; // it closes itself
  if (event.key === "Escape") {
    if (ask && !ask.hidden) return close();
    return typing(event.target) ? undefined : back();
  }
  if (typing(event.target) || !single) return;
  if (going && Date.now() - going < 1500) {
    event.preventDefault();
    return go(event.key);
  }
  const act = letters[event.key];
  if (!act || !place) return;
  event.preventDefault();
  act();
});

if (single) for (const help of document.querySelectorAll("[data-keys-help]")) help.hidden = false;
// The open case is in sight in its list; the page itself stays where it is.
const open = document.querySelector('.case[aria-current="true"]');
const list = open?.closest(".inbox-list");
if (list && list.scrollHeight > list.clientHeight) {
  const place = open.getBoundingClientRect();
  const frame = list.getBoundingClientRect();
  const foot = list.querySelector(".pager")?.offsetHeight ?? 0;
  if (place.top < frame.top || place.bottom > frame.bottom - foot) list.scrollTop += place.top - frame.top - frame.height / 3;
}
