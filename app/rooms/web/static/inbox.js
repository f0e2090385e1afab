// Keys of the inbox; all of it works without them.

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
