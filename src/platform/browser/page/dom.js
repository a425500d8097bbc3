// Builds elements. Text is only ever set as text; nothing here parses markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element: `h("button", { class: "primary", onclick }, "Send")`. False and null children are left out. */
export function h(tag, props = {}, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** The same for a drawing. */
export function svg(tag, props = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), props, children);
}

function fill(element, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const $ = (id) => document.getElementById(id);

const ICONS = {
  menu: "M4 7h16M4 12h16M4 17h16",
  search: "M11 4a7 7 0 1 0 0 14a7 7 0 0 0 0-14zM16.2 16.2L20.5 20.5",
  sun: "M12 7.5a4.5 4.5 0 1 0 0 9a4.5 4.5 0 0 0 0-9zM12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M5 19l1.4-1.4M17.6 6.4L19 5",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.500 10.5z",
  screen: "M4 5h16v11H4zM9 20h6M12 16v4",
  bench: "M4 20V9M4 13h16M20 20V9M8 13v7M16 13v7M7 5h10",
  send: "M4 12l16-8l-5 16l-3.500-6.500zM11.500 13.500L20 4",
  home: "M4 11l8-7l8 7v9h-5v-6h-6v6H4z",
  close: "M6 6l12 12M18 6L6 18",
  eye: "M2.500 12S6 5.500 12 5.500S21.500 12 21.500 12S18 18.500 12 18.500S2.500 12 2.500 12zM12 9.200a2.800 2.800 0 1 0 0 5.600a2.800 2.800 0 0 0 0-5.600z",
  lock: "M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
  swap: "M7 4L3.500 7.500L7 11M3.500 7.500H20M17 13l3.500 3.500L17 20M20.500 16.500H4",
  bulb: "M9 18h6M10 21h4M8.500 15.500A6.200 6.200 0 1 1 15.500 15.500L15 18H9z",
  down: "M12 5v14M6 13l6 6l6-6",
  check: "M5 12.500l4.500 4.500L19 7.500",
  copy: "M9 9h11v11H9zM15 9V4H4v11h5",
  reply: "M9 7L4 12l5 5M4 12h10a6 6 0 0 1 6 6",
};

/** A line icon; decoration, so screen readers pass it by. */
export function icon(name) {
  return svg("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: ICONS[name] }));
}

export function initials(name) {
  const words = name.trim().split(/\s+/);
  return ((words[0]?.[0] ?? "") + (words.length > 1 ? words.at(-1)[0] : "")).toUpperCase();
}

/** A person's or the bot's picture. */
export function avatar(id, name, bot = false) {
  if (bot) {
    return h("span", { class: "avatar bot", "aria-hidden": "true" },
      svg("svg", { viewBox: "0 0 32 32" }, svg("circle", { cx: 16, cy: 12, r: 4.5 }), svg("path", { d: "M16 16.500v9M16 21h4.200M16 25h3" })));
  }
  let hash = 0;
  for (const letter of id) hash = (hash * 31 + letter.codePointAt(0)) % 9973;
  return h("span", { class: `avatar hue-${hash % 8}`, "aria-hidden": "true" }, initials(name));
}

const SHORT = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const LONG = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const DAY = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });

const utc = (at) => `${at.toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** A moment in the reader's zone; UTC on hover. */
export function time(iso, long = true) {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return h("span", {}, String(iso ?? ""));
  return h("time", { datetime: at.toISOString(), title: utc(at) }, (long ? LONG : SHORT).format(at));
}

export const dayOf = (iso) => DAY.format(new Date(iso));

/** A short notice; gone after a while, or at once by click. */
export function toast(text, tone = "neutral") {
  const note = h("div", { class: `toast tone-${tone}` }, h("span", {}, text),
    h("button", { type: "button", "aria-label": "Dismiss", onclick: () => note.remove() }, icon("close")));
  $("toasts").append(note);
  while ($("toasts").children.length > 4) $("toasts").firstChild.remove();
  setTimeout(() => note.remove(), 6000);
}

/** Says something to screen readers alone. */
export function speak(text) {
  const line = h("p", {}, text);
  $("spoken").append(line);
  setTimeout(() => line.remove(), 8000);
}
