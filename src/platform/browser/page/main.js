// Starts the page: who one is comes from the address, then everything is drawn and followed.

import { follow } from "./api.js";
import { settle, showBench, startBench } from "./bench.js";
import { startComposer } from "./composer.js";
import { $, h, icon, toast } from "./dom.js";
import { loadHome } from "./home.js";
import { loadMessages, toEnd } from "./messages.js";
import { closeDrawers, drawSidebar, openDrawer } from "./sidebar.js";
import { directPlace, emit, go, loadState, loadUnread, on, placeName, readHash, state } from "./state.js";
import { openSwitcher } from "./switcher.js";

let unfollow = () => {};
let dropped = false;

async function start() {
  try {
    await loadState();
  } catch (error) {
    $("messages").replaceChildren(h("li", { class: "beginning" }, h("h2", {}, "The sandbox does not answer"), h("p", {}, error.message)));
    return;
  }
  tools();
  startComposer();
  const wanted = readHash();
  const first = state.people[0]?.id ?? "";
  on("went", went);
  // One is nobody until here, so that becoming the first person is a change as well, and is followed.
  go({ as: state.people.some((it) => it.id === wanted.as) ? wanted.as : first, place: wanted.in ?? state.channels[0]?.id ?? "dm" });
  startBench();
  window.addEventListener("hashchange", () => {
    const next = readHash();
    go({ as: next.as ?? state.me, place: next.in ?? state.place });
    if (next.bench) showBench(next.bench);
  });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "visible") everything(); });
  document.documentElement.dataset.ready = "true";
}

/** Somebody else, or elsewhere. The own conversation with the bot follows the person. */
async function went(before) {
  if (before.me !== state.me) {
    unfollow();
    unfollow = follow(state.me, told, connected);
    state.unread = { channels: {}, people: {} };
  }
  const home = state.place === "home";
  $("home").hidden = !home;
  $("messages").hidden = home;
  $("jump").hidden = true;
  $("place").textContent = home || state.place.startsWith("@") ? placeName(state.place) : `#${placeName(state.place)}`;
  $("topic").textContent = topic();
  document.title = `${placeName(state.place)} · ${state.company || "Steward"}`;
  drawSidebar();
  await Promise.all([quietly(loadUnread), quietly(home ? loadHome : loadMessages)]);
}

function topic() {
  if (state.place === "home") return "What is yours, and what waits for you";
  if (state.place === directPlace()) return "Your conversation with the bot";
  return state.channels.find((channel) => channel.id === state.place)?.topic ?? "";
}

async function quietly(work) {
  try { await work(); } catch (error) { if (error.status) toast(error.message, "bad"); }
}

/** One event of the server. The page asks for itself what it is about. */
function told(event) {
  if (event.kind === "messages") {
    if (event.channel === state.place) quietly(loadMessages);
    else quietly(loadUnread);
    if (state.place === "home" && event.channel === directPlace()) quietly(loadHome);
  } else if (event.kind === "elsewhere") quietly(loadUnread);
  else if (event.kind === "all") everything();
  else if (event.kind === "people") quietly(async () => { await loadState(); emit("people"); });
  else if (event.kind === "clock") quietly(async () => { await loadState(); emit("clock"); });
  else emit(event.kind);
}

function everything() {
  quietly(loadUnread);
  quietly(state.place === "home" ? loadHome : loadMessages);
  for (const panel of ["clock", "mail", "console", "audit"]) emit(panel);
}

function connected(yes) {
  $("offline").hidden = yes;
  if (yes && dropped) everything();
  dropped = !yes;
}

function tools() {
  $("open-sidebar").append(icon("menu"));
  $("open-switcher").append(icon("search"), h("span", {}, "Go to"), h("kbd", {}, "Ctrl K"));
  $("toggle-bench").append(icon("bench"), h("span", {}, "Bench"));
  const theme = (name) => {
    $("toggle-theme").replaceChildren(icon({ system: "screen", light: "sun", dark: "moon" }[name]));
    $("toggle-theme").setAttribute("aria-label", `Theme: ${name}`);
    $("toggle-theme").title = `Theme: ${name}`;
  };
  theme(window.stewardTheme.current());
  $("toggle-theme").addEventListener("click", () => theme(window.stewardTheme.next()));
  $("open-switcher").addEventListener("click", () => openSwitcher("all"));
  $("open-switcher").setAttribute("aria-label", "Go to a channel or be somebody else");
  $("open-sidebar").addEventListener("click", () => openDrawer("sidebar"));
  $("shade").addEventListener("click", () => { closeDrawers(); settle(); });
  $("jump").addEventListener("click", toEnd);
  $("skip").addEventListener("click", (event) => { event.preventDefault(); $("say").focus(); });
  $("scroller").addEventListener("scroll", () => {
    const { scrollHeight, scrollTop, clientHeight } = $("scroller");
    if (scrollHeight - scrollTop - clientHeight < 40) $("jump").hidden = true;
  }, { passive: true });
  document.addEventListener("keydown", shortcut);
}

function shortcut(event) {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (!document.querySelector("dialog[open]")) openSwitcher("all");
  } else if (event.key === "F6" && !document.querySelector("dialog[open]")) {
    event.preventDefault();
    nextRegion(event.shiftKey ? -1 : 1);
  } else if (event.key === "Escape" && closeDrawers()) {
    settle();
    $("main").focus();
  }
}

/** The regions of the page in order, as far as they are seen. */
function nextRegion(step) {
  const seen = [...document.querySelectorAll(".region"), $("composer")].filter((it) => it.checkVisibility({ visibilityProperty: true }));
  const order = [$("sidebar"), $("main"), $("composer"), $("bench")].filter((it) => seen.includes(it));
  const at = order.findLastIndex((it) => it.contains(document.activeElement));
  const next = order[(at + step + order.length) % order.length];
  (next === $("composer") ? $("say") : next).focus();
}

start();
