// Goes anywhere: one list of people to be and places to look at, filtered while typing.

import { avatar, h, icon } from "./dom.js";
import { showDialog } from "./dialogs.js";
import { directPlace, go, state } from "./state.js";
import { closeDrawers } from "./sidebar.js";

/** `kind` is `people` or `all`. */
export function openSwitcher(kind) {
  const list = h("ul", { role: "listbox", id: "switcher-list", "aria-label": kind === "people" ? "People" : "People and places" });
  const input = h("input", {
    type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "switcher-list", "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false",
    placeholder: kind === "people" ? "Who do you want to be?" : "Go to a channel, or be somebody else",
    "aria-label": kind === "people" ? "Search people" : "Search people and places",
  });
  const dialog = showDialog({ class: "switcher", label: "Switch" }, h("div", { class: "search" }, icon("search"), input), list);
  let shown = [], active = 0;
  const choose = (option) => { dialog.close(); closeDrawers(); go(option.go); };
  const draw = () => {
    shown = matching(kind, input.value);
    active = Math.min(active, Math.max(0, shown.length - 1));
    list.replaceChildren(...shown.map((option, at) => h("li", {
      role: "option", id: `switch-${at}`, "aria-selected": String(at === active), onclick: () => choose(option),
    }, option.mark(), h("span", { class: "text" }, h("b", {}, option.name), h("span", {}, option.detail)),
    option.count ? h("span", { class: "count" }, String(option.count)) : null,
    option.current ? icon("check") : null)));
    if (!shown.length) list.replaceChildren(h("li", { class: "none" }, "Nobody and nothing by that name."));
    input.setAttribute("aria-activedescendant", shown.length ? `switch-${active}` : "");
    list.children[active]?.scrollIntoView({ block: "nearest" });
  };
  input.addEventListener("input", () => { active = 0; draw(); });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && shown.length) {
      active = (active + step + shown.length) % shown.length;
      draw();
    } else if (event.key === "Enter" && shown[active]) choose(shown[active]);
    else return;
    event.preventDefault();
  });
  draw();
  input.focus();
}

function matching(kind, typed) {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const fits = (option) => words.every((word) => `${option.name} ${option.detail} ${option.extra}`.toLowerCase().includes(word));
  const people = state.people.map((person) => ({
    name: person.name,
    detail: [person.role, person.title, person.kind && person.kind !== "person" ? person.kind : ""].filter(Boolean).join(" · "),
    extra: `${person.id} ${person.groups.join(" ")}`,
    mark: () => avatar(person.id, person.name),
    count: state.unread.people[person.id],
    current: person.id === state.me,
    go: { as: person.id },
  }));
  const places = [
    { id: "home", name: "Home", detail: "What is yours and what waits for you" },
    ...state.channels.map((channel) => ({ id: channel.id, name: `#${channel.name}`, detail: channel.topic })),
    { id: directPlace(), name: "Steward", detail: "Your conversation with the bot" },
  ].map((place) => ({
    ...place, extra: place.id, mark: () => h("span", { class: "mark", "aria-hidden": "true" }, place.id === "home" ? icon("home") : place.id.startsWith("@") ? icon("reply") : "#"),
    count: state.unread.channels[place.id], current: place.id === state.place, go: { place: place.id },
  }));
  return (kind === "people" ? people : [...places, ...people]).filter(fits);
}
