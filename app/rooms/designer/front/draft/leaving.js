// Leaving by a link of the page: what was typed last is saved first, so that the browser has nothing to ask about.

/** `life` of a draft; links that open elsewhere are left alone. */
export function leaving(life) {
  document.addEventListener("click", async (event) => {
    const link = event.target.closest?.("a[href]");
    if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (event.defaultPrevented || link.target || link.origin !== location.origin || link.getAttribute("href").startsWith("#")) return;
    life.flush?.();
    if (life.saving.isClean) return;
    event.preventDefault();
    await life.saving.now();
    location.assign(link.href);
  });
}
