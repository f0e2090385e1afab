// What lists do better with JavaScript: one tick for the whole page, how many are ticked, and choices that follow others.

for (const head of document.querySelectorAll("[data-tick-all]")) {
  const ticks = [...head.closest("table").querySelectorAll('tbody input[name="row"]')];
  const all = document.createElement("input");
  all.type = "checkbox";
  all.className = "form-check-input";
  all.setAttribute("aria-label", head.dataset.tickAll);
  head.replaceChildren(all);
  const hint = document.querySelector("[data-ticked]");
  const otherwise = hint?.textContent;

  const tell = () => {
    const count = ticks.filter((tick) => tick.checked).length;
    all.checked = count > 0 && count === ticks.length;
    all.indeterminate = count > 0 && count < ticks.length;
    if (hint) hint.textContent = count ? hint.dataset.ticked.replace("{count}", count) : otherwise;
  };
  all.addEventListener("change", () => {
    for (const tick of ticks) tick.checked = all.checked;
    tell();
  });
  for (const tick of ticks) tick.addEventListener("change", tell);
  window.addEventListener("pageshow", tell); // the browser may bring ticks back
  tell();
}

for (const form of document.querySelectorAll("form.filter-bar")) {
  const followers = [...form.querySelectorAll("select[data-under]")];
  let turn = 0;

  // Below what has changed nothing chosen before holds any more, however deep it lies.
  const below = (name) => followers.filter((each) => each.dataset.under === name).flatMap((each) => [each, ...below(each.name)]);

  const offer = async (leader) => {
    const behind = below(leader.name);
    const mine = ++turn;
    for (const each of behind) {
      each.value = "";
      each.setAttribute("aria-busy", "true");
    }
    try {
      const answer = await fetch(`${form.action.split("?")[0]}?${new URLSearchParams(new FormData(form))}`, { credentials: "same-origin" });
      if (!answer.ok || mine !== turn) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (mine !== turn) return;
      for (const each of behind) {
        const fresh = page.getElementById(each.id);
        if (!fresh) continue;
        each.replaceChildren(...fresh.childNodes);
        each.value = "";
        each.disabled = fresh.disabled;
      }
    } catch {
      // offline: the button asks, as without scripts
    } finally {
      if (mine === turn) for (const each of followers) each.removeAttribute("aria-busy");
    }
  };

  for (const name of new Set(followers.map((each) => each.dataset.under))) {
    const leader = form.elements.namedItem(name);
    leader?.addEventListener("change", () => offer(leader));
  }
}
