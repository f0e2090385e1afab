// The button that prints: only where a script can press it; else the page says how.

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
for (const words of document.querySelectorAll("[data-without-print]")) words.hidden = true;
