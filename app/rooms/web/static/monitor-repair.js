// Repair mode: the picture begins where the matter stands.
const picture = document.querySelector("[data-here]");
if (picture) {
  const [x, y] = picture.dataset.here.split(" ").map(Number);
  const image = picture.querySelector("img");
  const go = () => picture.scrollTo(x - picture.clientWidth / 2, y - picture.clientHeight / 2);
  if (image.complete) go();
  else image.addEventListener("load", go, { once: true });
}
