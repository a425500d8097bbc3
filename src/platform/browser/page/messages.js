// The list of messages: drawn once, then changed in place, so that focus and reading position stay.

import { get, post } from "./api.js";
import { block, buttons, spans } from "./blocks.js";
import { askFirst, openForm, openSecret } from "./dialogs.js";
import { $, avatar, dayOf, h, icon, speak, time, toast } from "./dom.js";
import { directPlace, emit, go, loadUnread, nameOf, personOf, placeName, state } from "./state.js";
import { welcome } from "./home.js";

/** How many messages are shown. */
const SHOWN = 200;
/** Messages of one person within this time share one header. */
const TOGETHER_MS = 5 * 60_000;

let drawn = { where: "", known: new Map(), newest: 0 };
let loading = 0;

const number = (message) => Number(message.id.slice(1));
const where = () => `${state.me} in ${state.place}`;

/** Asks for the messages of this place and draws what changed. */
export async function loadMessages({ follow = false } = {}) {
  if (state.place === "home") return;
  const ticket = ++loading, place = where();
  const list = await get("/api/messages", { as: state.me, channel: state.place, limit: SHOWN });
  if (ticket !== loading || place !== where()) return;
  draw(list, follow);
  const hasNew = list.some((message) => number(message) > drawn.newest);
  drawn.newest = Math.max(drawn.newest, ...list.map(number), 0);
  if (document.visibilityState === "visible" && (hasNew || state.unread.channels[state.place])) {
    await post("/api/seen", { as: state.me, channel: state.place });
    await loadUnread();
  }
}

function draw(list, follow) {
  const scroller = $("scroller");
  const fresh = drawn.where !== where();
  if (fresh) drawn = { where: where(), known: new Map(), newest: 0 };
  const atEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 80;
  const focused = document.activeElement?.closest?.("#messages > li")?.dataset.id;
  const next = new Map();
  const nodes = [];
  if (list.length < SHOWN) nodes.push(reuse(next, "start", `${where()} ${list.length > 0}`, () => welcome(list.length > 0)));
  let before = null;
  for (const message of list) {
    if (!before || dayOf(before.at) !== dayOf(message.at)) {
      nodes.push(reuse(next, `day ${message.id}`, dayOf(message.at), () => h("li", { class: "day" }, h("span", {}, dayOf(message.at)))));
      before = null;
    }
    const joined = Boolean(before) && belongsTo(before, message);
    nodes.push(reuse(next, message.id, `${message.rev} ${joined}`, () => row(message, joined)));
    before = message;
  }
  place($("messages"), nodes);
  if (!fresh) announce(list);
  drawn.known = next;
  if (focused && !document.activeElement?.closest?.("#messages")) {
    $("messages").querySelector(`[data-id="${focused}"]`)?.focus({ preventScroll: true });
  }
  if (fresh || follow || atEnd) toEnd();
  else if (list.some((message) => number(message) > drawn.newest)) $("jump").hidden = false;
}

/** The node as it was drawn before, if nothing changed; marked if it did. */
function reuse(next, key, version, make) {
  const known = drawn.known.get(key);
  if (known?.version === version) {
    next.set(key, known);
    return known.node;
  }
  const node = make();
  if (key.startsWith("m") && drawn.newest > 0) node.classList.add(known ? "changed" : "arrived");
  next.set(key, { version, node });
  return node;
}

/** Puts nodes in order, touching only those that are not in their place. */
function place(list, nodes) {
  const wanted = new Set(nodes);
  for (const child of [...list.children]) if (!wanted.has(child)) child.remove();
  nodes.forEach((node, at) => {
    if (list.children[at] !== node) list.insertBefore(node, list.children[at] ?? null);
  });
}

function announce(list) {
  const unheard = list.filter((message) => number(message) > drawn.newest && message.from !== state.me);
  for (const message of unheard.slice(-3)) speak(`${nameOf(message.from)}: ${message.text}`);
}

const plain = (message) => !message.blocks.length && !message.buttons.length && !message.badge && !message.hint
  && !message.form && !message.ephemeral && !message.asked && message.tone === "neutral";

function belongsTo(before, message) {
  return before.from === message.from && plain(before) && plain(message)
    && Date.parse(message.at) - Date.parse(before.at) < TOGETHER_MS;
}

function row(message, joined) {
  const bot = message.from === state.bot;
  const name = nameOf(message.from);
  const gone = personOf(message.from)?.kind === "deactivated";
  return h("li", { class: `message${joined ? " joined" : ""}${message.ephemeral ? " ephemeral" : ""}`, "data-id": message.id, tabindex: "-1" },
    joined ? h("span", { class: "aside" }, time(message.at, false)) : avatar(message.from, name, bot),
    h("article", { "aria-label": `${name}` },
      message.asked ? h("p", { class: "asked" }, icon("reply"), h("b", {}, nameOf(message.asked.by)), " used ", h("code", {}, message.asked.command)) : null,
      joined ? null : h("header", {}, h("span", { class: "name" }, name),
        bot ? h("span", { class: "tag" }, "App") : null,
        gone ? h("span", { class: "tag" }, "Deactivated") : null,
        time(message.at, false),
        message.edited ? h("span", { class: "quiet" }, "edited") : null),
      card(message),
      message.ephemeral ? h("p", { class: "only-you" }, icon("eye"), "Only visible to you",
        h("button", { type: "button", class: "linklike", onclick: () => dismiss(message) }, "Dismiss")) : null));
}

/** A message without its frame; also what the start page is made of. */
export function card(message) {
  const framed = !plain({ ...message, ephemeral: false, asked: null });
  const press = (button, element) => pressed(message, button, element);
  return h("div", { class: framed ? `card tone-${message.tone}` : "words" },
    h("p", { class: "headline" }, spans(message.spans),
      message.badge ? h("span", { class: `badge tone-${message.badge.tone}` }, message.badge.label) : null),
    message.blocks.map((part) => block(part, press)),
    message.form ? h("div", { class: "buttons" }, h("button", { type: "button", class: "press primary", onclick: () => openForm(message, absorb) }, "Open the form")) : null,
    message.hint ? h("p", { class: "hint" }, icon("bulb"), h("span", {}, spans(message.hint))) : null,
    buttons(message.buttons, press));
}

async function dismiss(message) {
  await attempt(() => post("/api/dismiss", { as: state.me, message: message.id }));
  await loadMessages();
  $("say").focus();
}

async function pressed(message, button, element) {
  // Busy rather than disabled: a disabled button loses the focus.
  if (element.hasAttribute("aria-busy")) return;
  if (button.confirm && !(await askFirst(button))) return;
  element.setAttribute("aria-busy", "true");
  const answer = await attempt(() => post("/api/press", { as: state.me, message: message.id, button: button.id }));
  element.removeAttribute("aria-busy");
  if (answer) await absorb(answer, { stay: button.id.startsWith("edit.") });
}

/** Runs what may fail; a failure becomes a notice. */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    toast(error.message, "bad");
    return null;
  }
}

/** Takes in what an act answered: forms and secrets open, what came elsewhere is told. */
export async function absorb(answer, { stay = false } = {}) {
  if (answer.home) emit("home", answer.home);
  const form = answer.messages?.find((message) => message.form);
  if (form) openForm(form, absorb);
  if (answer.secret) openSecret(answer.secret);
  // What was asked for on the start page is answered in the conversation with the bot; a decision stays where it was made.
  if (state.place === "home" && !stay && answer.messages?.some((message) => !message.form && message.channel === directPlace())) {
    return go({ place: directPlace() });
  }
  const elsewhere = answer.messages?.filter((message) => !message.form && message.channel !== state.place) ?? [];
  for (const message of elsewhere) {
    toast(state.place === "home" ? message.text : `${placeName(message.channel)}: ${message.text}`, message.tone);
  }
  if (state.place === "home") emit("home-stale");
  else await loadMessages({ follow: Boolean(answer.messages?.some((message) => !message.edited)) });
}

export function toEnd() {
  $("scroller").scrollTop = $("scroller").scrollHeight;
  $("jump").hidden = true;
}

/** Says something here. On the start page it is said to the bot. */
export async function say(text) {
  if (state.place === "home") go({ place: directPlace() });
  const channel = state.place;
  const answer = await attempt(() => post("/api/say", { as: state.me, channel, text }));
  if (!answer) return false;
  await absorb(answer);
  return true;
}
