// Copies the recovery codes; without a clipboard the button stays away.
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const codes = document.getElementById(button.dataset.copy).querySelectorAll("code");
    await navigator.clipboard.writeText([...codes].map((code) => code.textContent).join("\n"));
    button.textContent = button.dataset.done;
  });
}
