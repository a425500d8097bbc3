// The box one writes in: completion of commands and names, hints for what comes next, what was said before.

import { get } from "./api.js";
import { $, avatar, h, icon } from "./dom.js";
import { say, toEnd } from "./messages.js";
import { on, personOf, placeName, state } from "./state.js";

const MOST_SUGGESTIONS = 8;
const said = new Map();
let input, popup, sending = false;
let offered = [], hint = "", active = -1, chosen = false;
let asking = 0, back = 0, draft = "";

export function startComposer() {
  popup = h("div", { id: "suggestions", hidden: true });
  input = h("textarea", {
    id: "say", rows: "1", role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": "suggestion-list",
    spellcheck: "true", maxlength: "8000",
  });
  const send = h("button", { type: "submit", class: "send", "aria-label": "Send" }, icon("send"));
  $("composer").replaceChildren(popup, h("div", { class: "box" }, input, send));
  $("composer").addEventListener("submit", (event) => { event.preventDefault(); submit(); });
  input.addEventListener("input", () => { back = 0; suggest(); });
  input.addEventListener("keydown", key);
  input.addEventListener("blur", () => setTimeout(close, 150));
  input.addEventListener("focus", () => { if (input.value.startsWith("/")) suggest(); });
  on("went", label);
  label();
}

function label() {
  const to = state.place === "home" || state.place.startsWith("@") ? "Steward" : `#${placeName(state.place)}`;
  const text = `Message ${to} as ${personOf(state.me)?.name ?? state.me}`;
  input.setAttribute("aria-label", text);
  input.placeholder = window.innerWidth < 560 ? `Message ${to}, or ${state.command} …` : `${text}, or type ${state.command}`;
  close();
}

/** Puts a text into the box for the person to send. */
export function propose(text) {
  input.value = text;
  input.focus();
  suggest();
}

async function submit() {
  const text = input.value.trim();
  if (!text || sending) return;
  sending = true;
  $("composer").classList.add("busy");
  const before = said.get(state.me) ?? [];
  if (before.at(-1) !== text) said.set(state.me, [...before, text].slice(-50));
  input.value = "";
  back = 0;
  close();
  const heard = await say(text);
  if (!heard && !input.value) input.value = text;
  sending = false;
  $("composer").classList.remove("busy");
  toEnd();
  input.focus();
}

function key(event) {
  if (event.isComposing) return;
  const listed = !popup.hidden && offered.length > 0;
  if (event.key === "Escape" && !popup.hidden) {
    event.stopPropagation();
    close();
  } else if (listed && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    const step = event.key === "ArrowDown" ? 1 : -1;
    active = active < 0 && step < 0 ? offered.length - 1 : (active + step + offered.length) % offered.length;
    chosen = true;
    drawPopup();
  } else if (listed && event.key === "Tab" && !event.shiftKey) {
    insert(offered[Math.max(active, 0)]);
  } else if (event.key === "Enter" && !event.shiftKey) {
    if (listed && active >= 0 && (chosen || isUnfinishedRoot())) insert(offered[active]);
    else submit();
  } else if (event.key === "ArrowUp" && (input.value === "" || back > 0)) {
    recall(1);
  } else if (event.key === "ArrowDown" && back > 0) {
    recall(-1);
  } else return;
  event.preventDefault();
}

const isUnfinishedRoot = () => state.command.startsWith(input.value) && input.value !== state.command;

function recall(step) {
  const before = said.get(state.me) ?? [];
  if (!back) draft = input.value;
  back = Math.max(0, Math.min(before.length, back + step));
  input.value = back ? before.at(-back) : draft;
  close();
}

/** The word before the cursor, as far as it is typed. A quoted word may hold spaces. */
function lastWord(text) {
  const quoted = (text.match(/"/g) ?? []).length % 2 === 1;
  return quoted ? text.slice(text.lastIndexOf("\"")) : text.match(/\S*$/)[0];
}

async function suggest() {
  const text = input.value.slice(0, input.selectionEnd);
  const ticket = ++asking;
  const word = lastWord(text);
  const mention = word.match(/^(.*[=:])?@([\w.-]*)$/);
  let found = [];
  if (text && isUnfinishedRoot()) {
    found = [{ insert: state.command, read: "Ask Steward", detail: true }];
  } else {
    if (mention) found = people(mention[1] ?? "", mention[2]);
    if (text.startsWith(`${state.command} `)) {
      try {
        const told = await get("/api/complete", { as: state.me, channel: state.place === "home" ? `@${state.me}` : state.place, text });
        found = [...told.suggestions, ...found];
      } catch { /* no suggestions, no harm */ }
    }
  }
  if (ticket !== asking) return;
  hint = found.find((it) => it.insert === "")?.read ?? "";
  offered = found.filter((it) => it.insert !== "" && it.insert !== word).slice(0, MOST_SUGGESTIONS);
  chosen = false;
  active = isUnfinishedRoot() && offered.length ? 0 : -1;
  popup.hidden = !offered.length && !hint;
  drawPopup();
}

function people(before, typed) {
  const wanted = typed.toLowerCase();
  const fits = (person) => person.id.toLowerCase().startsWith(wanted)
    || person.name.toLowerCase().split(" ").some((part) => part.startsWith(wanted));
  return state.people.filter(fits).slice(0, MOST_SUGGESTIONS)
    .map((person) => ({ insert: `${before}@${person.id}`, read: `${person.name} · ${person.role}`, person }));
}

function insert(option) {
  const end = input.selectionEnd;
  const text = input.value.slice(0, end);
  const start = text.length - lastWord(text).length;
  const word = /\s/.test(option.insert) ? `"${option.insert}"` : option.insert;
  const space = /[=:]$/.test(word) ? "" : " ";
  input.value = `${text.slice(0, start)}${word}${space}${input.value.slice(end).trimStart()}`;
  const cursor = start + word.length + space.length;
  input.setSelectionRange(cursor, cursor);
  input.focus();
  suggest();
}

function drawPopup() {
  popup.replaceChildren(
    h("ul", { role: "listbox", id: "suggestion-list", "aria-label": "Suggestions" }, offered.map((option, at) => h("li", {
      role: "option", id: `suggestion-${at}`, "aria-selected": String(at === active),
      onmousedown: (event) => { event.preventDefault(); insert(option); },
    }, option.person ? avatar(option.person.id, option.person.name) : null, h("b", {}, option.insert), h("span", {}, option.read === option.insert ? "" : option.read)))),
    hint ? h("p", { class: "next", role: "status" }, hint) : "",
    offered.length ? h("p", { class: "keys", "aria-hidden": "true" }, h("kbd", {}, "Tab"), " takes it ", h("kbd", {}, "↑↓"), " choose ", h("kbd", {}, "Esc"), " close") : "");
  input.setAttribute("aria-expanded", String(!popup.hidden));
  if (active >= 0) input.setAttribute("aria-activedescendant", `suggestion-${active}`);
  else input.removeAttribute("aria-activedescendant");
  popup.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
}

function close() {
  asking += 1;
  offered = [];
  hint = "";
  active = -1;
  popup.hidden = true;
  drawPopup();
}
