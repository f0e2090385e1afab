// The numbers at the top are asked for anew every few seconds, while somebody looks at the page. Nothing else moves.

const place = document.getElementById("watch-tiles");
const LONGEST = 120000;

if (place) begin(Number(place.dataset.every) * 1000);

function begin(every) {
  let timer = 0;
  let failed = 0;
  let asking = false;

  const ask = async () => {
    clearTimeout(timer);
    if (asking || document.visibilityState === "hidden") return;
    asking = true;
    try {
      const answer = await fetch(place.dataset.url, {
        headers: { "HX-Request": "true" }, credentials: "same-origin", redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(10000),
      });
      if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return; // signed out: the next click says so
      if (!answer.ok) throw new Error(String(answer.status));
      show(await answer.text());
      failed = 0;
    } catch {
      failed += 1;
    } finally {
      asking = false;
    }
    wait();
  };

  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, Math.min(LONGEST, every * 2 ** Math.min(failed, 4)));
  };

  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") ask();
  });
  wait();
}

function show(text) {
  const focused = [...place.querySelectorAll("a")].indexOf(document.activeElement);
  place.replaceChildren(...new DOMParser().parseFromString(text, "text/html").body.childNodes);
  if (focused >= 0) place.querySelectorAll("a")[focused]?.focus({ preventScroll: true });
}
