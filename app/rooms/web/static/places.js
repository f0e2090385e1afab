// The place chooser of the admin room: looks and walks without leaving the page. Without it the buttons post the form.

const chooser = (box) => {
  const { places: address, name, kinds, within, failed } = box.dataset;
  const found = box.querySelector("[data-found]");
  const search = box.querySelector('input[type="text"]');
  let number = 0;
  let pause = 0;

  // Enter in another field means the form, not the first of our buttons.
  const tame = () => {
    for (const button of box.querySelectorAll('button[name="_update"]')) button.type = "button";
  };
  tame();

  const ask = async (asked, focus) => {
    const mine = ++number;
    const value = found.querySelector("input:checked")?.value ?? "";
    const parameters = new URLSearchParams({ name, kinds, within, value, ...asked });
    try {
      const answer = await fetch(`${address}?${parameters}`, { credentials: "same-origin", headers: { "HX-Request": "true" } });
      if (!answer.ok) throw new Error(String(answer.status));
      const text = await answer.text();
      if (mine !== number) return;
      found.innerHTML = text;
      tame();
      if (focus) (found.querySelector(".place-lines input, .place-lines button") ?? found.querySelector("button") ?? search).focus();
    } catch {
      if (mine === number) found.querySelector('[role="status"]').textContent = failed;
    }
  };

  const look = () => {
    clearTimeout(pause);
    ask({ q: search.value });
  };

  box.addEventListener("click", (event) => {
    const button = event.target.closest('button[name="_update"]');
    if (!button || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const colon = button.value.indexOf(":");
    if (colon < 0) return look();
    search.value = "";
    ask({ at: button.value.slice(colon + 1) }, true);
  });
  search.addEventListener("input", (event) => {
    if (event.isComposing) return;
    clearTimeout(pause);
    pause = setTimeout(look, 300);
  });
  search.addEventListener("compositionend", look);
  search.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Enter") {
      event.preventDefault();
      look();
    } else if (event.key === "ArrowDown") {
      event.preventDefault();
      found.querySelector(".place-lines input, .place-lines button")?.focus();
    }
  });
  // Right goes on below the place the radio stands at.
  found.addEventListener("keydown", (event) => {
    const below = event.key === "ArrowRight" && event.target.matches("input") && event.target.closest(".place-line")?.querySelector("button");
    if (!below) return;
    event.preventDefault();
    below.click();
  });
};

for (const box of document.querySelectorAll("[data-places]")) {
  if (box.dataset.ready) continue;
  box.dataset.ready = "1";
  chooser(box);
}
