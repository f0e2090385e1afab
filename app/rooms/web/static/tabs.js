// The parts of a form as tabs. Without this file they stand below each other, and the tabs are links to them.

const marked = (tab) => tab.querySelector("[data-wrong]") !== null;

const tabs = (list) => {
  if (list.dataset.begun) return;
  list.dataset.begun = "1";
  const all = [...list.querySelectorAll("a")].map((tab) => ({ tab, part: document.getElementById(tab.hash.slice(1)) }));
  list.closest("[data-fields]").classList.add("is-tabbed");
  const line = list.querySelector("ul");
  line.setAttribute("role", "tablist");
  line.setAttribute("aria-label", list.getAttribute("aria-label"));
  const shown = () => all.filter(({ part }) => !part.hidden);
  let open = null;

  const choose = (one, keep = true) => {
    open = one;
    for (const each of all) {
      const is = each === one;
      each.tab.setAttribute("aria-selected", String(is));
      each.tab.tabIndex = is ? 0 : -1;
      each.part.classList.toggle("is-behind", !is);
    }
    one.tab.scrollIntoView?.({ block: "nearest", inline: "nearest" });
    if (keep) history.replaceState(history.state, "", one.tab.hash);
  };
  // What a condition hides of the parts goes from the tabs as well.
  const settle = () => {
    for (const { tab, part } of all) tab.parentElement.hidden = part.hidden;
    if (open?.part.hidden && shown().length) choose(shown()[0], false);
  };

  for (const one of all) {
    const { tab, part } = one;
    tab.parentElement.setAttribute("role", "presentation");
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", part.id);
    part.setAttribute("role", "tabpanel");
    part.setAttribute("aria-labelledby", tab.id);
    part.tabIndex = 0;
    tab.addEventListener("click", (event) => {
      event.preventDefault();
      choose(one);
    });
    new MutationObserver(settle).observe(part, { attributes: true, attributeFilter: ["hidden"] });
  }
  line.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const there = shown();
    const at = there.indexOf(open);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: there.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    choose(there[(to + there.length) % there.length]);
    open.tab.focus();
  });

  // Whatever leads into a part behind another brings it to the front: a link, the browser's own complaint.
  const bring = (target) => {
    const one = target && all.find(({ part }) => part.contains(target));
    if (one && one !== open) choose(one);
    return one;
  };
  const named = (hash) => hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
  document.addEventListener("click", (event) => bring(named(event.target.closest?.('a[href^="#"]:not([role="tab"])')?.hash ?? "")), true);
  window.addEventListener("hashchange", () => bring(named(location.hash)));
  const form = list.closest("form");
  form?.addEventListener("invalid", (event) => bring(event.target), true);
  // A button that only asks for the form again comes back to the tab it was pressed in.
  form?.addEventListener("submit", ({ submitter }) => {
    if (!submitter?.name.startsWith("_") || !open?.part.contains(submitter)) return;
    const to = new URL(submitter.getAttribute("formaction") ?? form.getAttribute("action") ?? location.href, location.href);
    to.hash = open.tab.hash;
    submitter.setAttribute("formaction", to.href);
  });

  settle();
  const first = shown().find(({ tab }) => marked(tab));
  if (first) choose(first, false);
  else if (!bring(named(location.hash)) && shown().length) choose(shown()[0], false);
};

const begin = (root) => root.querySelectorAll("[data-form-tabs]").forEach(tabs);
begin(document);
document.addEventListener("htmx:after:swap", (event) => begin(event.target instanceof Element ? event.target : document));

export { begin };
