// bpmn-js in Chinese: the published translation (whose file is called zn.js), and what it leaves out.
import published from "bpmn-js-i18n/translations/zn.js";
import own from "./chinese_words.js";
import { language } from "../words/say.js";

const words = { ...published, ...own };

export default {
  translate: ["value", (template, put = {}) => {
    const text = language === "en" ? template : words[template] ?? template;
    return text.replace(/{([^}]+)}/g, (whole, key) => put[key] ?? whole);
  }],
};
