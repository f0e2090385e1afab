// The editor's words in the reader's language: written in Chinese where they are said, the English beside them in english.js.
import english from "./english.js";

export const language = document.documentElement.lang.startsWith("en") ? "en" : "zh";

/** What stands between names one after another. */
export const separator = language === "en" ? ", " : "、";

/** Say `zh`, with `{name}` put in; in English as english.js has it. */
export function say(zh, put = {}) {
  const text = language === "en" ? english[zh] ?? zh : zh;
  return text.replace(/\{(\w+)\}/g, (whole, key) => (key in put ? put[key] : whole));
}

/** A pair `{zh, en}` from the server in the reader's language. */
export const said = (pair) => (pair ? (language === "en" && pair.en) || pair.zh : "");
