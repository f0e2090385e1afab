// What the inbox does better with JavaScript: keys, and drafts that save themselves. All of it works without.

const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");

// j k walk the list, Enter opens (it is a link), / goes to the search field; never while typing.
const cases = () => [...document.querySelectorAll("[data-cases] .case")];
function walk(step) {
  const all = cases();
  if (!all.length) return;
  const here = all.findIndex((one) => one === document.activeElement || (!all.includes(document.activeElement) && one.ariaCurrent));
  all[Math.min(all.length - 1, Math.max(0, here + step))].focus();
}
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return submitFrom(event);
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target)) return;
  if (event.key === "j") walk(1);
  else if (event.key === "k") walk(-1);
  else if (event.key === "/") {
    event.preventDefault();
    document.querySelector("[data-search]")?.focus();
  }
});
for (const help of document.querySelectorAll("[data-keys-help]")) help.hidden = false;
document.querySelector('.case[aria-current="true"]')?.scrollIntoView({ block: "nearest" });

// Ctrl+Enter presses the button that is meant: only where there is no choice between outcomes.
function submitFrom(event) {
  const form = event.target.closest?.("form[data-draft]");
  const buttons = form?.querySelectorAll('button[name="outcome"]') ?? [];
  if (buttons.length === 1) form.requestSubmit(buttons[0]);
  else buttons[0]?.focus();
}

// Drafts: two seconds after a pause in typing, and on leaving. Files wait for the submit.
const form = document.querySelector("form[data-draft]");
if (form) {
  const state = form.querySelector("[data-draft-state]");
  let timer, dirty = false;
  const fields = () => {
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    // a file field's hidden ids bear the field's own name: take them up again
    for (const input of form.querySelectorAll('input[type="hidden"]')) if (!data.has(input.name)) data.append(input.name, input.value);
    return data;
  };
  const save = async () => {
    if (!dirty) return;
    dirty = false;
    try {
      const answer = await fetch(form.dataset.draft, { method: "POST", body: fields(), redirect: "manual" });
      if (answer.status !== 204) throw new Error(answer.status);
      const clock = new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
      if (state) state.textContent = `${form.dataset.said} ${clock}`;
    } catch {
      dirty = true;
      if (state) state.textContent = form.dataset.failed;
    }
  };
  form.addEventListener("input", () => {
    dirty = true;
    clearTimeout(timer);
    timer = setTimeout(save, 2000);
  });
  form.addEventListener("change", save);
  form.addEventListener("submit", () => { dirty = false; clearTimeout(timer); });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && dirty) {
      dirty = false;
      navigator.sendBeacon(form.dataset.draft, fields());
    }
  });
}
