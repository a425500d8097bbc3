// What the page knows, and who wants to hear of it.

import { get } from "./api.js";

export const state = {
  /** The person one is at the moment. */
  me: "",
  /** Where one looks: a channel's id, `@me`, or `home`. */
  place: "",
  people: [],
  channels: [],
  company: "",
  command: "/claude",
  bot: "steward",
  adminKey: "",
  baseUrl: "",
  /** The sandbox's time when it was last told, and the page's own then. */
  now: { told: 0, heard: 0 },
  unread: { channels: {}, people: {} },
};

const listeners = new Map();

export function on(event, listener) {
  listeners.set(event, [...(listeners.get(event) ?? []), listener]);
}

export function emit(event, value) {
  for (const listener of listeners.get(event) ?? []) listener(value);
}

export const personOf = (id) => state.people.find((person) => person.id === id);
export const nameOf = (id) => (id === state.bot ? "Steward" : personOf(id)?.name ?? id);
export const directPlace = () => `@${state.me}`;

export function placeName(place) {
  if (place === "home") return "Home";
  if (place.startsWith("@")) return "Steward";
  return state.channels.find((channel) => channel.id === place)?.name ?? place;
}

/** The sandbox's time now. */
export const sandboxNow = () => new Date(state.now.told + (Date.now() - state.now.heard));

export function heardNow(iso) {
  const told = Date.parse(iso);
  if (!Number.isNaN(told)) state.now = { told, heard: Date.now() };
}

export async function loadState() {
  const told = await get("/api/state");
  heardNow(told.now);
  Object.assign(state, {
    people: told.people, channels: told.channels, company: told.company, command: told.command, bot: told.bot,
    adminKey: told.admin_key, baseUrl: told.anthropic_base_url,
  });
}

export async function loadUnread() {
  const told = await get("/api/unread", { as: state.me });
  state.unread = told;
  emit("unread");
}

/** `#as=ada&in=approvals&bench=mail`; what it leaves out stays as it was. */
export function readHash() {
  const hash = new URLSearchParams(location.hash.slice(1));
  return { as: hash.get("as"), in: hash.get("in"), bench: hash.get("bench") };
}

export function writeHash() {
  const place = state.place.startsWith("@") ? "dm" : state.place;
  const bench = readHash().bench;
  const hash = new URLSearchParams({ as: state.me, in: place, ...(bench ? { bench } : {}) });
  history.replaceState(null, "", `#${hash}`);
}

/** Becomes another person or looks elsewhere; tells who draws. */
export function go({ as = state.me, place = state.place } = {}) {
  const before = { me: state.me, place: state.place };
  state.me = personOf(as) ? as : state.me;
  if (place === "dm" || place.startsWith("@")) state.place = directPlace();
  else state.place = place === "home" || state.channels.some((it) => it.id === place) ? place : state.channels[0]?.id ?? directPlace();
  writeHash();
  emit("went", before);
}
