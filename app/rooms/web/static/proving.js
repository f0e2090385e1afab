// A code is sent only once the captcha is solved: until then the button that asks for it is off, and the captcha has a
// button of its own. <form data-proved> with [data-after-proof] and, in the captcha, [data-prove="address"]. Without
// this script captcha and code are asked for at once. Enter does both; leaving a captcha that was answered solves it.

const attend = (form) => {
  const button = form.querySelector("[data-after-proof]");
  const hint = document.getElementById(button.getAttribute("aria-describedby"));
  let asking = null;

  const verb = () => form.querySelector("#captcha [data-prove]");
  const show = () => {
    const open = verb();
    button.disabled = Boolean(open);
    hint.hidden = !open;
    if (open) open.closest("[hidden]")?.removeAttribute("hidden");
  };

  // The captcha as the server answers it: solved, or another one.
  const put = (text, focus) => {
    const fresh = document.createRange().createContextualFragment(text).querySelector("#captcha");
    document.getElementById("captcha").replaceWith(fresh);
    window.htmx?.process(fresh);
    show();
    if (focus) form.querySelector("#captcha .captcha-proved, #captcha_answer")?.focus();
  };

  const complain = () => {
    const open = verb();
    const line = open.parentElement.querySelector("[role=alert]") ?? document.createElement("span");
    line.setAttribute("role", "alert");
    line.className = "field-error";
    line.textContent = open.dataset.failed;
    open.after(line);
  };

  const ask = async (focus) => {
    const sent = new FormData();
    for (const name of ["csrf_token", "captcha_nonce", "captcha_kind", "captcha_answer"])
      sent.set(name, form.elements[name].value);
    try {
      const answer = await fetch(verb().dataset.prove, { method: "POST", body: new URLSearchParams([...sent]) });
      if (![200, 422].includes(answer.status)) return complain();
      put(await answer.text(), focus);
    } catch {
      complain();
    }
  };
  const prove = (focus) => {
    asking ??= ask(focus).finally(() => (asking = null));
    return asking;
  };

  form.addEventListener("click", (event) => {
    if (!event.target.closest("[data-prove]")) return;
    if (form.elements.captcha_answer.value.trim()) prove(true);
    else form.elements.captcha_answer.focus();
  });
  form.addEventListener("focusout", (event) => {
    const within = document.getElementById("captcha").contains(event.relatedTarget);
    if (event.target.id === "captcha_answer" && event.target.value.trim() && !within) prove(false);
  });
  form.addEventListener("submit", async (event) => {
    const another = event.submitter?.name === "again";
    if (another || !verb() || !form.elements.captcha_answer.value.trim()) return; // the server says what is missing
    event.preventDefault();
    await prove(true);
    if (!verb()) form.requestSubmit();
  });
  document.addEventListener("htmx:after:swap", show);
  window.addEventListener("pageshow", show);
  show();
};

document.querySelectorAll("form[data-proved]").forEach(attend);
