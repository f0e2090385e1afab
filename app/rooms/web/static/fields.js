// What fields do better with JavaScript: conditions at once, regions level by level, files in our words.
// Without it the server answers the same questions when a button is pressed.

const answersTo = (form, name) => {
  const field = form.querySelector(`[data-field="${name}"]`);
  if (!field || field.hidden) return "";
  for (const input of form.querySelectorAll(`[name="${name}"]`)) {
    if (input.type === "radio" || input.type === "checkbox") {
      if (input.checked) return input.value;
    } else if (input.type !== "hidden") {
      return input.value;
    }
  }
  return "";
};

const holds = (form, condition) => {
  const now = condition.on.map((name) => answersTo(form, name));
  return condition.rows.some((row) => row.every((text, place) => text === now[place]));
};

const show = (field, shown) => {
  field.hidden = !shown;
  const part = field.closest("[data-part]");
  if (part) part.hidden = ![...part.querySelectorAll("[data-field], .fact, .field-note")].some((one) => !one.hidden);
};

const require = (field, required) => {
  const star = field.querySelector("[data-star]");
  if (star) star.hidden = !required;
  for (const input of field.querySelectorAll("[aria-required]")) input.setAttribute("aria-required", String(required));
};

// Conditions that cannot be listed, what is computed, what is searched for: the server draws the form again, and we
// take over what it hides, works out and finds.
let asking = 0;
const ask = async (form, search) => {
  const number = ++asking;
  const sent = new FormData(form);
  for (const [name, value] of [...sent]) if (value instanceof File) sent.delete(name);
  sent.set("_update", "script"); // drafts keep what is typed; this only asks
  const answer = await fetch(form.getAttribute("action") || location.href, { method: "POST", body: sent, credentials: "same-origin" }).catch(() => null);
  if (!answer || answer.redirected || number !== asking) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const fresh of page.querySelectorAll("[data-field]")) {
    const field = form.querySelector(`[data-field="${fresh.dataset.field}"]`);
    if (!field) continue;
    if (field.dataset.show) show(field, !fresh.hidden);
    if (field.dataset.require) require(field, fresh.querySelector("[data-star]")?.hidden === false);
  }
  for (const fresh of page.querySelectorAll("[data-computed]")) {
    const output = document.getElementById(fresh.id);
    if (output && output.textContent !== fresh.textContent) output.textContent = fresh.textContent;
  }
  const found = search && page.querySelector(`[data-search="${search}"] [data-found]`);
  if (found) form.querySelector(`[data-search="${search}"] [data-found]`).replaceChildren(...found.childNodes);
};

// 查找 and Enter in its text look for a name without leaving the page.
const searching = (form, box) => {
  const look = (event) => {
    event.preventDefault();
    ask(form, box.dataset.search);
  };
  box.querySelector("button").addEventListener("click", look);
  box.querySelector('input[type="text"]').addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) look(event);
  });
};

const conditions = (form) => {
  const fields = [...form.querySelectorAll("[data-show], [data-require]")].map((field) => ({
    field,
    show: field.dataset.show ? JSON.parse(field.dataset.show) : null,
    require: field.dataset.require ? JSON.parse(field.dataset.require) : null,
  }));
  const computed = [...form.querySelectorAll("[data-computed]")].flatMap((output) => JSON.parse(output.dataset.computed).on);
  if (!fields.length && !computed.length) return;
  const unlisted = new Set([
    ...computed,
    ...fields.flatMap(({ show, require }) => [show, require]).filter((each) => each && !each.rows).flatMap((each) => each.on),
  ]);
  let pause = 0;
  const settle = (name) => {
    // As often as there are fields: one that shows may let another show.
    for (let round = 0; round < fields.length; round += 1) {
      for (const each of fields) {
        if (each.show?.rows) show(each.field, holds(form, each.show));
        if (each.require?.rows) require(each.field, holds(form, each.require));
      }
    }
    if (name && unlisted.has(name.split(".")[0])) {
      clearTimeout(pause);
      pause = setTimeout(() => ask(form), 400);
    }
  };
  for (const kind of ["input", "change"]) form.addEventListener(kind, (event) => settle(event.target.name ?? event.target.dataset.rows));
  settle();
};

const cascade = (levels) => {
  const selects = [...levels.querySelectorAll("select")];
  const fill = (select, regions) => {
    const none = regions && !regions.length;
    select.replaceChildren(new Option(none ? levels.dataset.none : select.dataset.choose, ""));
    for (const { code, name } of regions ?? []) select.append(new Option(name, code));
    select.disabled = !regions?.length;
  };
  for (const [place, select] of selects.entries()) {
    select.addEventListener("change", async () => {
      const below = selects.slice(place + 1);
      for (const each of below) fill(each, null);
      const code = select.value;
      if (!code || !below.length) return;
      try {
        const answer = await fetch(`${levels.dataset.cascade}?parent=${encodeURIComponent(code)}`);
        if (!answer.ok) throw new Error(String(answer.status));
        const regions = await answer.json();
        if (select.value !== code) return;
        fill(below[0], regions);
        if (!regions.length) for (const each of below.slice(1)) fill(each, []);
      } catch {
        below[0].options[0].textContent = levels.dataset.failed;
      }
    });
  }
};

const pick = (box) => {
  const input = box.querySelector('input[type="file"]');
  const said = box.querySelector("[data-chosen]");
  box.querySelector(".field-pick-face").hidden = false;
  box.classList.add("is-ours");
  const name = () => {
    const files = [...input.files];
    const big = files.find((file) => file.size > Number(box.dataset.limit));
    said.textContent = big
      ? box.dataset.tooBig.replace("{name}", big.name).replace("{max}", box.dataset.megabytes)
      : files.map((file) => file.name).join(document.documentElement.lang.startsWith("en") ? ", " : "、") || box.dataset.none;
    input.title = said.textContent;
  };
  input.addEventListener("change", name);
  for (const kind of ["dragenter", "dragover"]) box.addEventListener(kind, () => box.classList.add("is-over"));
  for (const kind of ["dragleave", "drop"]) box.addEventListener(kind, () => box.classList.remove("is-over"));
  name();
};

const count = (line) => {
  const area = line.parentElement.querySelector("textarea");
  const most = Number(line.dataset.count);
  const say = () => {
    const left = most - [...area.value.trim()].length;
    line.textContent = (left < 0 ? line.dataset.over : line.dataset.left).replace("{count}", Math.abs(left));
    line.classList.toggle("is-over", left < 0);
  };
  area.addEventListener("input", say);
  say();
};

// Rows of a table: added from the template that the page brings, taken away on the spot, counted anew.
const rows = (frame) => {
  const body = frame.querySelector("tbody");
  const template = frame.querySelector("template");
  const add = frame.querySelector('button[name="_add"]');
  const say = frame.querySelector("[data-rows-said]");
  const most = Number(frame.dataset.most);
  let next = 1 + Math.max(0, ...[...body.rows].map((row) => Number(row.dataset.row)));

  // Keys stay, so that inputs keep their names; only what is counted for the reader changes.
  const count = () => {
    for (const [place, row] of [...body.rows].entries()) {
      for (const figure of row.querySelectorAll("[data-number]")) figure.textContent = place + 1;
    }
    add.disabled = body.rows.length >= most;
  };
  const fresh = () => {
    const key = String(next);
    next += 1;
    const row = template.content.firstElementChild.cloneNode(true);
    row.dataset.row = key;
    for (const one of row.querySelectorAll("*")) {
      for (const { name, value } of [...one.attributes]) {
        if (value.includes("__row__")) one.setAttribute(name, value.replaceAll("__row__", key));
      }
    }
    body.append(row);
    count();
    return row;
  };
  const changed = () => frame.dispatchEvent(new Event("change", { bubbles: true }));

  frame.addEventListener("click", (event) => {
    const button = event.target.closest?.("button");
    if (button === add) {
      event.preventDefault();
      const row = fresh();
      row.querySelector("input:not([type=hidden]), select, textarea").focus();
      say.textContent = frame.dataset.added.replace("{row}", body.rows.length);
    } else if (button?.name === "_remove") {
      event.preventDefault();
      const row = button.closest("tr");
      const near = row.nextElementSibling ?? row.previousElementSibling;
      row.remove();
      (near ?? fresh()).querySelector("input:not([type=hidden]), select, textarea").focus();
      count();
      say.textContent = frame.dataset.gone.replace("{count}", body.rows.length);
    } else return;
    changed();
  });
  count();
};

// A link of the summary leads to its control and puts the cursor there.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('.error-summary a[href^="#"]');
  const control = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
  if (!control) return;
  event.preventDefault();
  control.closest(".field")?.scrollIntoView({ block: "center" });
  control.focus({ preventScroll: true });
});

const begin = (root) => {
  document.documentElement.classList.add("has-script");
  for (const fields of root.querySelectorAll("[data-fields]")) {
    if (fields.querySelector("[data-form-tabs]")) import("./tabs.js"); // what is only read has tabs too
    const form = fields.closest("form");
    if (!form || fields.dataset.begun) continue;
    fields.dataset.begun = "1";
    conditions(form);
    for (const levels of fields.querySelectorAll("[data-cascade]")) {
      if (levels.dataset.cascade) cascade(levels);
      else for (const button of levels.querySelectorAll("[data-without-script]")) button.classList.add("is-needed");
    }
    fields.querySelectorAll("[data-rows]").forEach(rows);
    for (const box of fields.querySelectorAll("[data-search]")) searching(form, box);
    fields.querySelectorAll("[data-pick]").forEach(pick);
    const pads = fields.querySelectorAll("[data-sign]");
    if (pads.length) import("./signature.js").then(({ sign }) => pads.forEach(sign));
    fields.querySelectorAll("[data-count]").forEach(count);
  }
};

begin(document);
document.addEventListener("htmx:after:swap", (event) => begin(event.target instanceof Element ? event.target : document));
