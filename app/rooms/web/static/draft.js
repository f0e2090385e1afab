// Drafts save by themselves: soon after a change, at the latest every five seconds while one types, when a field is
// left, and when the page is. <form data-draft="address"> names where; [data-draft-status] says what became of it.
// Nothing is written into the browser's storage: computers are shared. What cannot be sent stays in the page and is
// tried again. The page says which version it has read (_draft); another window's newer one is not overwritten.
// The page has a name of its own and counts its saves, so that it never quarrels with itself: two of its saves may be
// under way at once when it is left, and whichever comes first, the later one stays.

const PAUSE = 1500;
const LONGEST = 5000;
const AGAIN = [5000, 10000, 20000, 30000];

const NAME = [...crypto.getRandomValues(new Uint32Array(4))].map((one) => one.toString(36)).join("");
let turn = 0;

const texts = (form) => {
  const sent = new FormData(form);
  for (const [name, value] of [...sent]) if (value instanceof File) sent.delete(name);
  return new URLSearchParams([...sent]);
};
// the version is not something typed
const typed = (sent) => {
  const rest = new URLSearchParams(sent);
  rest.delete("_draft");
  return rest.toString();
};

const attend = (form) => {
  const status = document.querySelector("[data-draft-status]");
  const conflict = document.querySelector("[data-draft-conflict]");
  const version = form.querySelector('[name="_draft"]');
  const token = form.querySelector('[name="csrf_token"]')?.value ?? document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  let pause = 0;
  let first = 0; // when the oldest change that is not saved yet was made
  let failed = 0;
  let saved = typed(texts(form));
  let submitting = false;
  let saving = null;
  let stopped = false; // another window has a newer one, and nobody has said which one counts

  const say = (words, wrong) => {
    if (!status) return;
    status.textContent = words ?? "";
    status.classList.toggle("is-wrong", wrong);
  };

  const send = async (leaving, anew) => {
    const sent = texts(form);
    const text = typed(sent);
    if (!anew && (submitting || stopped || text === saved)) return;
    first = 0;
    try {
      const answer = await fetch(form.dataset.draft + (anew ? "?anew=1" : ""), {
        method: "POST",
        body: sent,
        headers: { "X-CSRFToken": token, "X-Draft-Window": `${NAME}.${(turn += 1)}`, Accept: "application/json" },
        credentials: "same-origin",
        redirect: "manual",
        keepalive: leaving && text.length < 60000,
      });
      if (answer.type === "opaqueredirect" || answer.status === 401) return say(status?.dataset.left, true);
      if (answer.status === 409 && conflict) {
        stopped = true;
        conflict.hidden = false;
        return say("", false);
      }
      if (!answer.ok) throw new Error(String(answer.status));
      const now = answer.headers.get("ETag")?.replace(/\D/g, "");
      if (version && now) version.value = now;
      saved = text;
      failed = 0;
      const time = new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
      say(status?.dataset.saved.replace("{time}", time), false);
      if (anew) form.dispatchEvent(new CustomEvent("draft:aside", { bubbles: true }));
    } catch {
      say(status?.dataset.failed, true);
      clearTimeout(pause);
      pause = setTimeout(save, AGAIN[Math.min(failed, AGAIN.length - 1)]);
      failed += 1;
    }
  };
  // one after another, for the next carries the version that the one before was given; but who leaves does not wait
  const save = (leaving = false, anew = false) => {
    clearTimeout(pause);
    if (saving && !leaving) {
      pause = setTimeout(save, 300, false, anew);
      return saving;
    }
    saving = send(leaving, anew).finally(() => {
      saving = null;
    });
    return saving;
  };

  const later = () => {
    const now = Date.now();
    first ||= now;
    clearTimeout(pause);
    pause = setTimeout(save, Math.max(0, Math.min(PAUSE, first + LONGEST - now)));
  };
  // what belongs to the form may stand outside of it (the opinion does)
  const isOwn = (event) => event.target.form === form || form.contains(event.target);
  const own = (event) => isOwn(event) && later();
  document.addEventListener("input", own);
  document.addEventListener("change", own);
  // a button that sends the form sends what is typed along
  const isLeft = (event) => isOwn(event) && first && event.relatedTarget?.name !== "outcome";
  document.addEventListener("focusout", (event) => isLeft(event) && save());
  conflict?.querySelector("[data-draft-anew]").addEventListener("click", async () => {
    conflict.hidden = true;
    stopped = false;
    await save(false, true);
    status?.focus?.();
  });
  form.addEventListener("submit", (event) => {
    if (!navigator.onLine) {
      event.preventDefault(); // a page that cannot be reached would take what is typed with it
      return say(status?.dataset.failed, true);
    }
    clearTimeout(pause);
    submitting = true;
  });
  window.addEventListener("online", () => save());
  window.addEventListener("pageshow", () => {
    submitting = false;
  });
  window.addEventListener("pagehide", () => save(true));
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save(true));
};

for (const form of document.querySelectorAll("form[data-draft]")) attend(form);
