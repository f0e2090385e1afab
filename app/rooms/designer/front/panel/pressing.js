// Between press and release nothing is drawn anew: a button that is replaced meanwhile would hear no click.
const waiting = new Set();
let isDown = false;

function release() {
  if (!isDown) return;
  isDown = false;
  const due = [...waiting];
  waiting.clear();
  for (const run of due) run();
}

document.addEventListener("pointerdown", () => (isDown = true), true);
// after the click, which comes behind the release; a list that opened upon the press tells of its choice alone
for (const kind of ["pointerup", "pointercancel"]) document.addEventListener(kind, () => setTimeout(release), true);
for (const kind of ["change", "keydown"]) document.addEventListener(kind, ({ target }) => (target.matches?.("select") || kind === "keydown") && release(), true);
addEventListener("blur", release);

/** Run now, or when what is pressed has been let go. */
export function whenReleased(run) {
  if (isDown) waiting.add(run);
  else run();
}
