// A grid of cells to type in: arrow keys and Enter walk, a block copied from a worksheet fills. Without it, Tab does.

const rows = (grid) => [...grid.tBodies[0].rows].map((row) => [...row.querySelectorAll("input")]);

const place = (grid, cell) => {
  const all = rows(grid);
  const row = all.findIndex((cells) => cells.includes(cell));
  return [all, row, row < 0 ? -1 : all[row].indexOf(cell)];
};

const enter = (cell) => {
  if (!cell) return;
  cell.focus();
  cell.select();
};

const step = (cell, key) => {
  if (key === "ArrowUp") return [-1, 0];
  if (key === "ArrowDown" || key === "Enter") return [1, 0];
  const { selectionStart: from, selectionEnd: to, value } = cell;
  const whole = from === 0 && to === value.length;
  if (key === "ArrowLeft" && (whole || to === 0)) return [0, -1];
  if (key === "ArrowRight" && (whole || from === value.length)) return [0, 1];
  return null;
};

for (const grid of document.querySelectorAll("[data-grid]")) {
  grid.addEventListener("keydown", (event) => {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (!event.target.matches("input")) return;
    const way = step(event.target, event.key);
    if (!way) return;
    event.preventDefault();
    const [all, row, column] = place(grid, event.target);
    enter(all[row + way[0]]?.[column + way[1]]);
  });
  grid.addEventListener("paste", (event) => {
    const text = event.clipboardData?.getData("text/plain") ?? "";
    const lines = text.replace(/\r?\n$/, "").split(/\r?\n/).map((line) => line.split("\t"));
    if (!event.target.matches("input") || (lines.length === 1 && lines[0].length === 1)) return;
    event.preventDefault();
    const [all, row, column] = place(grid, event.target);
    lines.forEach((line, down) => line.forEach((value, right) => {
      const cell = all[row + down]?.[column + right];
      if (cell) {
        cell.value = value.trim().slice(0, 6);
        cell.dispatchEvent(new Event("input", { bubbles: true }));
      }
    }));
  });
}
