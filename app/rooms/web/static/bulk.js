// Ticks by the range: Shift and a click tick everything from the last one to here.

const ticks = [...document.querySelectorAll('input[type="checkbox"][name="row"][form]')];
let last = null;
for (const tick of ticks) {
  tick.addEventListener("click", (event) => {
    if (event.shiftKey && last) {
      const [from, to] = [ticks.indexOf(last), ticks.indexOf(tick)].sort((one, other) => one - other);
      for (const one of ticks.slice(from, to + 1)) one.checked = tick.checked;
    }
    last = tick;
  });
}
