// The start page of a person, and how a channel begins.

import { get } from "./api.js";
import { propose } from "./composer.js";
import { $, h } from "./dom.js";
import { attempt, card } from "./messages.js";
import { emit, go, on, personOf, placeName, state } from "./state.js";

let asked = 0;

export async function loadHome() {
  const ticket = ++asked, me = state.me;
  const told = await attempt(() => get("/api/home", { as: me }));
  if (told && ticket === asked && me === state.me) drawHome(told);
}

function drawHome({ sections }) {
  const me = personOf(state.me);
  $("home").replaceChildren(
    h("h2", { class: "greeting" }, `Hello, ${(me?.name ?? state.me).split(" ")[0]}`),
    sections.length
      ? h("div", { class: "sections" }, sections.map((section) => h("section", {}, card(section))))
      : h("p", { class: "quiet" }, "There is nothing on your start page yet."));
}

on("home", (told) => { if (state.place === "home") drawHome(told); });
on("home-stale", loadHome);

/** The first entry of a channel: what it is, and in an empty one what to try. */
export function welcome(hasMessages) {
  const direct = state.place.startsWith("@");
  const channel = state.channels.find((it) => it.id === state.place);
  const first = state.channels[0]?.id === state.place;
  return h("li", { class: "beginning" },
    h("h2", {}, direct ? "You and Steward" : `This is the beginning of #${placeName(state.place)}`),
    h("p", {}, direct ? `Nobody else reads along. Type ${state.command} help to see what you can ask for.` : channel?.topic || ""),
    first && !hasMessages ? tour() : null);
}

/** Three steps through the house, with the people of this cast. */
function tour() {
  const pick = (id, role) => personOf(id) ?? state.people.find((person) => person.role === role) ?? state.people[0];
  const member = pick("mira", "member"), admin = pick("ada", "admin");
  const invite = `${state.command} invite lea@example.com`;
  const approvals = state.channels.find((channel) => channel.id === "approvals")?.id ?? state.place;
  const step = (text, label, act) => h("li", {}, h("span", {}, text), h("button", { type: "button", class: "press plain", onclick: act }, label));
  return h("div", { class: "tour" }, h("p", { class: "quiet" }, "Try it in a minute"),
    h("ol", {},
      step([h("b", {}, member.name), ` asks: `, h("code", {}, invite)], `Be ${member.name.split(" ")[0]}`, () => { go({ as: member.id }); propose(invite); }),
      step([h("b", {}, admin.name), " approves on the card in ", h("b", {}, `#${placeName(approvals)}`)], `Be ${admin.name.split(" ")[0]}`, () => go({ as: admin.id, place: approvals })),
      step(["The invitation lands in the simulated mail; accept it on the ", h("b", {}, "bench")], "Open the mail", () => emit("bench", "mail"))));
}
