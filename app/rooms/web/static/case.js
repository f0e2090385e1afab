// The parts of a case as tabs: one at a time, named in the address (#history); without this they stand one below another.

const tabs = document.querySelector("[data-tabs]");
const links = tabs ? [...tabs.querySelectorAll('a[href^="#"]')] : [];
const part = (link) => document.getElementById(link.hash.slice(1));

// Only where the reader looks and does not fill in: whoever fills in needs it all below each other.
if (links.length > 1 && !document.querySelector(".form-fields.is-asking")) {
  tabs.classList.add("is-tabs");
  const show = (chosen) => {
    for (const link of links) {
      const is = link === chosen;
      part(link)?.toggleAttribute("hidden", !is);
      if (is) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  const named = () => links.find((link) => link.hash === location.hash && part(link));
  const first = links.find((link) => "first" in link.dataset && part(link)) ?? links.find(part);
  show(named() ?? first);
  window.addEventListener("hashchange", () => show(named() ?? first));
  tabs.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    history.replaceState(history.state, "", link.hash);
    show(link);
  });
}

// A phrase goes where the cursor stands in the opinion, or at its end.
const opinion = document.getElementById("comment");
for (const button of document.querySelectorAll("[data-phrase]")) {
  button.hidden = !opinion;
  button.addEventListener("click", () => {
    opinion.setRangeText(button.dataset.phrase, opinion.selectionStart, opinion.selectionEnd, "end");
    opinion.dispatchEvent(new Event("input", { bubbles: true }));
    opinion.focus();
  });
}

// Who comes next: the line of the outcome that is about to be chosen; the first one until then.
const coming = document.querySelector("[data-coming-list]");
if (coming) {
  const lines = [...coming.querySelectorAll("[data-coming]")];
  const tell = (outcome) => {
    for (const line of lines) line.classList.toggle("is-told", line.dataset.coming === outcome);
  };
  document.addEventListener("outcome", (event) => tell(event.detail)); // chosen by a key
  for (const button of document.querySelectorAll('button[name="outcome"]')) {
    for (const event of ["pointerenter", "focus"]) button.addEventListener(event, () => tell(button.value));
  }
}

// The diagram opens where the case stands.
const diagram = document.querySelector("[data-spot]");
const picture = diagram?.querySelector("img");
const centre = () => {
  const [x, y] = diagram.dataset.spot.split(" ").map(Number);
  diagram.scrollTo(x - diagram.clientWidth / 2, y - diagram.clientHeight / 2);
};
if (picture) new ResizeObserver(centre).observe(picture); // it has a size once it is loaded, and shown
