// Keys that are not the canvas's own: save under a name, search, the next problem, help.

/** Listen on the whole page; the canvas's own keys are bpmn-js's. */
export function keys({ room, life, drawer, search }) {
  document.addEventListener("keydown", (event) => {
    const command = (event.ctrlKey || event.metaKey) && !event.altKey;
    const key = event.key.toLowerCase();
    if (command && key === "s") {
      life.askNote();
    } else if (command && key === "f") {
      room.classList.add("shows-outline");
      search.focus();
      search.select();
    } else if (event.key === "F8") {
      drawer.next();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }, true);
}
