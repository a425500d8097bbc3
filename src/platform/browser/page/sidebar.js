// Who one is, and where one can look.

import { $, avatar, h, icon } from "./dom.js";
import { directPlace, go, on, personOf, state } from "./state.js";
import { openSwitcher } from "./switcher.js";

export function drawSidebar() {
  const me = personOf(state.me);
  const elsewhere = Object.values(state.unread.people).reduce((sum, count) => sum + count, 0);
  const focused = document.activeElement?.closest?.("#sidebar") ? document.activeElement.dataset.key : null;
  $("sidebar").replaceChildren(
    h("div", { class: "company" }, h("strong", {}, state.company || "Steward"), h("span", {}, "Sandbox")),
    h("h2", { class: "you" }, "You are"),
    h("button", { type: "button", class: "who", title: [me?.name, me?.title].filter(Boolean).join(", "), "data-key": "who", onclick: () => openSwitcher("people"), "aria-haspopup": "dialog" },
      avatar(state.me, me?.name ?? state.me),
      h("span", { class: "text" }, h("b", {}, me?.name ?? state.me),
        h("span", { class: "role" }, [me?.role, me?.title].filter(Boolean).join(" · "))),
      elsewhere ? h("span", { class: "count", title: "Others have word from Steward" }, h("span", { class: "hidden-but-read" }, "Others have unread messages: "), String(elsewhere)) : null,
      icon("swap")),
    h("ul", { class: "places" }, entry("home", icon("home"), "Home")),
    h("h2", {}, "Channels"),
    h("ul", { class: "places" }, state.channels.map((channel) => entry(channel.id, h("span", { class: "mark", "aria-hidden": "true" }, "#"), channel.name))),
    h("h2", {}, "Direct messages"),
    h("ul", { class: "places" }, entry(directPlace(), avatar(state.bot, "Steward", true), "Steward")),
    h("p", { class: "tips" }, h("kbd", {}, "Ctrl K"), " go anywhere ", h("kbd", {}, "F6"), " next region"));
  const unread = Object.entries(state.unread.channels).some(([place, count]) => count && place !== state.place);
  $("open-sidebar").classList.toggle("has-unread", unread);
  $("open-sidebar").setAttribute("aria-label", unread ? "People and channels, unread messages" : "People and channels");
  if (focused) $("sidebar").querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
}

function entry(place, mark, name) {
  const unread = state.place === place ? 0 : state.unread.channels[place] ?? 0;
  return h("li", {}, h("button", {
    type: "button", class: unread ? "place unread" : "place", "data-key": place,
    "aria-current": state.place === place ? "page" : null,
    onclick: () => { go({ place }); closeDrawers(); },
  }, mark, h("span", { class: "text" }, name),
  unread ? h("span", { class: "count" }, String(unread), h("span", { class: "hidden-but-read" }, " unread")) : null));
}

/** On a narrow window the sidebar and the bench lie above the messages; one at a time. */
export function openDrawer(id) {
  for (const other of ["sidebar", "bench"]) $(other).classList.toggle("open", other === id);
  $("shade").hidden = false;
  $("open-sidebar").setAttribute("aria-expanded", String(id === "sidebar"));
  $(id).focus();
}

export function closeDrawers() {
  const was = ["sidebar", "bench"].find((id) => $(id).classList.contains("open"));
  for (const id of ["sidebar", "bench"]) $(id).classList.remove("open");
  $("shade").hidden = true;
  $("open-sidebar").setAttribute("aria-expanded", "false");
  return was;
}

for (const event of ["unread", "people", "went"]) on(event, drawSidebar);
