// The bench beside the chat: what lies outside of it in the simulated world, one tab each.

import { $, h, icon } from "./dom.js";
import { closeDrawers, openDrawer } from "./sidebar.js";
import { PANELS } from "./panels.js";
import { on, readHash, state } from "./state.js";

const WIDE = window.matchMedia("(min-width: 1180px)");
let open = false, tab = "clock";

export function startBench() {
  draw();
  $("toggle-bench").addEventListener("click", () => (isShown() ? hideBench() : showBench(tab)));
  for (const [name, events] of Object.entries({ clock: ["clock"], mail: ["mail", "clock"], console: ["console", "mail"], audit: ["audit"] })) {
    for (const event of events) on(event, () => refresh(name));
  }
  on("went", () => refresh(tab));
  on("bench", showBench);
  WIDE.addEventListener("change", settle);
  const wanted = readHash().bench;
  let kept = null;
  try { kept = localStorage.getItem("bench"); } catch { /* a private window forgets it */ }
  if (wanted) showBench(wanted);
  else if (WIDE.matches && kept !== "closed") showBench(tab);
}

const isShown = () => (WIDE.matches ? open : $("bench").classList.contains("open"));

/** Shows the bench at one of its tabs. */
export function showBench(name) {
  tab = PANELS.some((panel) => panel.id === name) ? name : "clock";
  open = true;
  remember("open");
  if (!WIDE.matches) openDrawer("bench");
  settle();
  draw();
}

function hideBench() {
  open = false;
  remember("closed");
  closeDrawers();
  settle();
  $("toggle-bench").focus();
}

function remember(how) {
  try { localStorage.setItem("bench", how); } catch { /* a private window forgets it */ }
}

export function settle() {
  document.body.classList.toggle("bench-open", open && WIDE.matches);
  $("toggle-bench").setAttribute("aria-expanded", String(isShown()));
}

function draw() {
  const tabs = PANELS.map((panel) => h("button", {
    type: "button", role: "tab", id: `tab-${panel.id}`, "aria-controls": "panel", "aria-selected": String(panel.id === tab),
    tabindex: panel.id === tab ? "0" : "-1", onclick: () => choose(panel.id), onkeydown: arrows,
  }, panel.name));
  $("bench").replaceChildren(
    h("header", {}, h("h2", {}, "Bench"), h("button", { type: "button", class: "tool", "aria-label": "Close the bench", onclick: hideBench }, icon("close"))),
    h("div", { role: "tablist", "aria-label": "Bench" }, tabs),
    h("div", { role: "tabpanel", id: "panel", "aria-labelledby": `tab-${tab}`, tabindex: "0" }));
  refresh(tab, true);
}

function choose(name) {
  tab = name;
  draw();
  $(`tab-${name}`).focus();
}

function arrows(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  const at = PANELS.findIndex((panel) => panel.id === tab);
  choose(PANELS[(at + step + PANELS.length) % PANELS.length].id);
  event.preventDefault();
}

/** Draws a tab again, if it is the one that is seen. A path that this sandbox lacks is said so. */
async function refresh(name, whole = false) {
  if (name !== tab || !(open || isShown()) || !state.me) return;
  const panel = PANELS.find((it) => it.id === name);
  const place = $("panel");
  try {
    await panel.draw(place, whole);
  } catch (error) {
    const text = error.missing ? "This sandbox does not have this part yet." : error.message;
    place.replaceChildren(h("p", { class: "empty" }, text));
  }
}
