// Marks beside fields and files: how many there are stands in the footer, and a ticked box asks for its reason at once.

const said = document.querySelector("[data-flagged]");

const count = () => {
  const marked = document.querySelectorAll("[data-flag] input[type=checkbox]:checked").length;
  if (!said) return;
  said.hidden = marked === 0;
  said.textContent = said.dataset.flagged.replace("{count}", marked);
};

document.addEventListener("change", (event) => {
  const box = event.target.closest?.("[data-flag] input[type=checkbox]");
  if (!box) return;
  count();
  if (box.checked) box.closest("[data-flag]").querySelector("select").focus();
});
window.addEventListener("pageshow", count);
count();
