// Draws the parts of a message: spans, fields, tables, code, buttons.

import { chart } from "./chart.js";
import { h, icon, time } from "./dom.js";
import { nameOf, state } from "./state.js";

/** Runs of text with their meaning. */
export function spans(list) {
  return (list ?? []).map((span) => {
    switch (span.type) {
      case "strong": return h("strong", {}, span.text);
      case "code": return h("code", {}, span.text);
      case "mention": return h("span", { class: span.person === state.me ? "mention me" : "mention" }, `@${nameOf(span.person)}`);
      case "group": return h("span", { class: "mention" }, `@${span.text}`);
      case "link": return link(span);
      case "time": return time(span.at);
      default: return document.createTextNode(span.text ?? "");
    }
  });
}

function link({ url, text }) {
  const away = !url.startsWith("/");
  return h("a", { href: url, target: "_blank", rel: away ? "noopener noreferrer" : "noopener" }, text);
}

/** One block below a headline. `press` is told which button was pressed. */
export function block(part, press) {
  switch (part.type) {
    case "paragraph": return h("p", {}, spans(part.spans));
    case "heading": return h("h3", {}, part.text);
    case "fields": return h("dl", { class: "fields" },
      part.fields.map((field) => h("div", {}, h("dt", {}, field.name), h("dd", {}, spans(field.spans)))));
    case "table": return table(part);
    case "chart": return chart(part);
    case "code": return h("pre", { class: "literal", tabindex: "0" }, h("code", {}, part.text));
    case "secret": return h("p", { class: "sealed" }, icon("lock"), "Sealed. It opens only for the person it is for.");
    case "buttons": return buttons(part.buttons, press);
    case "file": return file(part);
    case "details": return h("details", { class: "more" }, h("summary", {}, part.title),
      part.blocks.map((inner) => block(inner, press)));
    default: return h("p", { class: "quiet" }, "This page does not know how to show a part of this message.");
  }
}

/** A file to keep. It is fetched only when somebody asks for it, as the person who looks. */
function file({ name, about, fetch: place }) {
  if (!place) return h("p", { class: "file" }, icon("down"), name);
  const query = new URLSearchParams({ as: state.me, message: place.message, block: place.block });
  return h("p", { class: "file" }, h("a", { href: `/api/file?${query}`, download: name, title: about }, icon("down"), name));
}

function table({ caption, columns, rows }) {
  const numeric = columns.map((_, at) => rows.length > 0 && rows.every((row) => isNumber(row[at])));
  const side = (at) => (numeric[at] ? "number" : null);
  return h("div", { class: "table", role: "region", "aria-label": caption || "Table", tabindex: "0" },
    h("table", {},
      caption ? h("caption", {}, caption) : null,
      h("thead", {}, h("tr", {}, columns.map((name, at) => h("th", { scope: "col", class: side(at) }, name)))),
      h("tbody", {}, rows.map((row) => h("tr", {}, row.map((cell, at) => h("td", { class: side(at) }, spans(cell))))))));
}

function isNumber(cell) {
  const text = (cell ?? []).map((span) => span.text ?? "").join("").trim();
  return text === "" ? false : /^[-+]?[$€]?[\d.,\s]+ ?(%|USD|ms)?$/.test(text);
}

/** A row of buttons; one that the server did not arm is shown, but cannot be pressed. */
export function buttons(list, press) {
  if (!list?.length) return null;
  return h("div", { class: "buttons" }, list.map((button) => h("button", {
    type: "button",
    class: `press ${button.style}`,
    "aria-label": button.describes && button.describes !== button.label ? button.describes : null,
    "data-button": button.id || null,
    disabled: button.disabled,
    title: button.disabled ? "This button is not live." : null,
    onclick: (event) => press(button, event.currentTarget),
  }, button.label)));
}
