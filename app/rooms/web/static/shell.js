// What the shell does better with JavaScript; everything here also works without.

// htmx requests carry the CSRF token as a header.
document.addEventListener("htmx:config:request", (event) => {
  const token = document.querySelector('meta[name="csrf-token"]')?.content;
  const headers = event.detail?.ctx?.request?.headers;
  if (token && headers) headers["X-CSRFToken"] = token;
});

// One drop-down at a time; a click elsewhere, 取消 within it or Escape closes it.
const drops = () => document.querySelectorAll("details[data-drop][open]");
document.addEventListener("click", (event) => {
  const cancelled = event.target.closest?.("[data-close]");
  for (const drop of drops()) {
    if (drop.contains(event.target) && !cancelled) continue;
    drop.open = false;
    if (!cancelled || !drop.contains(cancelled)) continue;
    event.preventDefault(); // without a script the page is asked for again
    drop.querySelector("summary")?.focus();
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const drop of drops()) {
    event.preventDefault(); // it has done its work: no other key handler leads away
    drop.open = false;
    drop.querySelector("summary")?.focus();
  }
});

// A refused form: the summary gets the focus, so that a screen reader begins there.
document.getElementById("error-summary")?.focus();

// On a phone a line of tabs is longer than the screen: the present one is in sight. The page itself stays where it is.
for (const tab of document.querySelectorAll(".tab-line [aria-current]")) {
  const line = tab.closest("ul");
  const [there, frame] = [tab.getBoundingClientRect(), line.getBoundingClientRect()];
  line.scrollLeft += there.left - frame.left - (frame.width - there.width) / 2;
}

// A form is sent once: a second press while the answer is on its way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "1";
  setTimeout(() => delete form.dataset.sent, 8000);
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});
