// Drafts save by themselves: a second and a half after the last change, and when the page is left.
// <form data-draft="address"> names where; [data-draft-status] inside says what became of it.

const PAUSE = 1500;

const texts = (form) => {
  const sent = new FormData(form);
  for (const [name, value] of [...sent]) if (value instanceof File) sent.delete(name);
  return new URLSearchParams([...sent]);
};

const attend = (form) => {
  const status = form.querySelector("[data-draft-status]");
  const token = form.querySelector('[name="csrf_token"]')?.value ?? document.querySelector('meta[name="csrf-token"]')?.content ?? "";
  let pause = 0;
  let saved = texts(form).toString();
  let submitting = false;

  const say = (words, wrong) => {
    if (!status) return;
    status.textContent = words ?? "";
    status.classList.toggle("is-wrong", wrong);
  };

  const save = async (leaving) => {
    clearTimeout(pause);
    const sent = texts(form);
    const text = sent.toString();
    if (submitting || text === saved) return;
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST",
        body: sent,
        headers: { "X-CSRFToken": token, Accept: "application/json" },
        credentials: "same-origin",
        redirect: "manual",
        keepalive: leaving && text.length < 60000,
      });
      if (answer.type === "opaqueredirect" || answer.status === 401) return say(status?.dataset.left, true);
      if (!answer.ok) throw new Error(String(answer.status));
      saved = text;
      const time = new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
      say(status?.dataset.saved.replace("{time}", time), false);
    } catch {
      say(status?.dataset.failed, true);
    }
  };

  const later = () => {
    clearTimeout(pause);
    pause = setTimeout(() => save(false), PAUSE);
  };
  form.addEventListener("input", later);
  form.addEventListener("change", later);
  form.addEventListener("submit", () => {
    clearTimeout(pause);
    submitting = true;
  });
  window.addEventListener("pageshow", () => {
    submitting = false;
  });
  window.addEventListener("pagehide", () => save(true));
};

for (const form of document.querySelectorAll("form[data-draft]")) attend(form);
