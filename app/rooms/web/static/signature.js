// A pad to sign on: strokes of mouse, pen or finger become a PNG in the field's own file input, which is what is sent.
// Without this, and for the keyboard, the input takes a picture as any other.

const INK = "#14213d";
const PEN = 1 / 130; // of the pad's width
const MARGIN = 12;
const WIDTH = 900; // of the picture, in pixels, if the strokes go all the way across

const draw = (context, strokes, width) => {
  context.lineCap = context.lineJoin = "round";
  context.strokeStyle = context.fillStyle = INK;
  context.lineWidth = Math.max(1.5, width * PEN);
  for (const stroke of strokes) {
    const points = stroke.map(([x, y]) => [x * width, y * width]);
    context.beginPath();
    if (points.length === 1) {
      context.arc(...points[0], context.lineWidth / 2, 0, 2 * Math.PI);
      context.fill();
      continue;
    }
    context.moveTo(...points[0]);
    for (let place = 1; place < points.length - 1; place += 1) {
      const [[x, y], [nextX, nextY]] = [points[place], points[place + 1]];
      context.quadraticCurveTo(x, y, (x + nextX) / 2, (y + nextY) / 2);
    }
    context.lineTo(...points.at(-1));
    context.stroke();
  }
};

// The strokes alone on white, cut to where they are.
const picture = (strokes) => {
  const all = strokes.flat();
  const xs = all.map(([x]) => x * WIDTH);
  const ys = all.map(([, y]) => y * WIDTH);
  const [left, top] = [Math.min(...xs) - MARGIN, Math.min(...ys) - MARGIN];
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(Math.max(...xs) - left + MARGIN);
  canvas.height = Math.ceil(Math.max(...ys) - top + MARGIN);
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.translate(-left, -top);
  draw(context, strokes, WIDTH);
  return new Promise((done) => canvas.toBlob(done, "image/png"));
};

export const sign = (field) => {
  const pad = field.querySelector("[data-sign-pad]");
  const canvas = pad.querySelector("canvas");
  const input = field.querySelector('input[type="file"]');
  const [undo, clear, said] = ["undo", "clear", "said"].map((name) => pad.querySelector(`[data-sign-${name}]`));
  const first = said.textContent;
  const context = canvas.getContext("2d");
  let strokes = [];
  let stroke = null;
  let turn = 0;
  let ours = false;
  pad.hidden = false;

  const redraw = () => {
    const width = canvas.clientWidth;
    const scale = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(canvas.clientHeight * scale);
    context.scale(scale, scale);
    draw(context, strokes, width);
  };
  const hand = async () => {
    const mine = ++turn;
    undo.disabled = clear.disabled = !strokes.length;
    const files = new DataTransfer();
    if (strokes.length) {
      const blob = await picture(strokes);
      if (mine !== turn) return;
      files.items.add(new File([blob], `${field.dataset.fileName}.png`, { type: "image/png" }));
    }
    ours = true;
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
    ours = false;
    said.textContent = strokes.length ? field.dataset.done : field.dataset.gone;
  };
  const at = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.width];
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (stroke || (event.pointerType === "mouse" && event.button !== 0)) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    stroke = [at(event)];
    strokes.push(stroke);
    redraw();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!stroke) return;
    const moved = event.getCoalescedEvents?.() ?? [];
    for (const each of moved.length ? moved : [event]) stroke.push(at(each));
    redraw();
  });
  for (const kind of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(kind, () => {
      if (!stroke) return;
      stroke = null;
      hand();
    });
  }
  undo.addEventListener("click", () => {
    strokes.pop();
    redraw();
    hand();
  });
  clear.addEventListener("click", () => {
    strokes = [];
    redraw();
    hand();
  });
  // a picture that was chosen takes the place of what was drawn
  input.addEventListener("change", () => {
    if (ours || !strokes.length) return;
    strokes = [];
    turn += 1;
    undo.disabled = clear.disabled = true;
    said.textContent = first;
    redraw();
  });
  new ResizeObserver(redraw).observe(canvas);
};
