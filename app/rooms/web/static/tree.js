// The region tree: what was opened is closed again without leaving the page. htmx fetches what is opened.

document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest("[data-tree]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const below = link.closest("li").querySelector(".tree-below");
    if (link.getAttribute("aria-expanded") === "true") {
      event.preventDefault();
      event.stopImmediatePropagation();
      link.setAttribute("aria-expanded", "false");
      below.hidden = true;
    } else if (below.childElementCount) {
      event.preventDefault();
      event.stopImmediatePropagation();
      link.setAttribute("aria-expanded", "true");
      below.hidden = false;
    }
  },
  true,
);
document.addEventListener("htmx:after:swap", (event) => {
  if (event.target instanceof Element) event.target.closest("[data-tree]")?.setAttribute("aria-expanded", "true");
});
