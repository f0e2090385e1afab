// The live line below a role: in how many regions somebody holds it today, and where nobody does.
import { ask } from "../draft/talk.js";
import { say, separator } from "../words/say.js";

const NAMED = 6;
const known = new Map();
let timer;

/** Ask for the line of the panel shown; where the server has none, nothing is said. */
export function reach(panel, address) {
  const line = panel.room.querySelector(".panel-reach");
  if (!line || !address) return;
  const wanted = { ...JSON.parse(line.dataset.reach), nobody: panel.get("nobody") ?? "" };
  if (!wanted.role) return;
  const query = new URLSearchParams(Object.entries(wanted).filter(([, value]) => value)).toString();
  if (known.has(query)) {
    line.textContent = known.get(query);
    return;
  }
  clearTimeout(timer);
  timer = setTimeout(async () => {
    try {
      known.set(query, words(await ask(`${address}?${query}`)));
      line.textContent = known.get(query);
    } catch {
      line.textContent = say("暂时查不到现有任职情况");
    }
  }, 250);
}

function words(answer) {
  if (answer.message) return answer.message;
  if (typeof answer.regions !== "number") return "";
  const without = answer.without ?? [];
  const names = without.slice(0, NAMED).map((one) => one.name ?? one).join(separator);
  const more = without.length > NAMED ? say(" 等") : "";
  return say("{n} 个区域中 {m} 个有人任职", { n: answer.regions, m: answer.with }) + (without.length ? say("；无人：{names}", { names: names + more }) : "");
}
