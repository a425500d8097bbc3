// Shows a chart as the picture that the server laid out, with its numbers beside it, as a table that is read but not seen.

import { h, svg } from "./dom.js";

/** From here on there is room for the wide picture. */
const WIDE = 520;
const EXACT = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
/** What a picture is made of. Nothing else is built, whatever is sent. */
const PARTS = new Set(["svg", "title", "desc", "rect", "line", "circle", "path", "text", "tspan"]);

/** A chart of the model. */
export function chart(it) {
  const picture = window.innerWidth - 112 < WIDE ? it.narrow : it.wide;
  return h("figure", { class: "chart" }, built(picture), numbers(it));
}

/** `[tag, attributes, …what is inside]` as an element; text is set as text. */
function built([tag, attributes, ...inside]) {
  if (!PARTS.has(tag)) return null;
  const harmless = Object.fromEntries(Object.entries(attributes).filter(([name]) => !name.startsWith("on")));
  return svg(tag, harmless, inside.map((it) => (Array.isArray(it) ? built(it) : it)));
}

function numbers(it) {
  return h("table", { class: "hidden-but-read" },
    h("caption", {}, `${it.title} (${it.unit})`),
    h("thead", {}, h("tr", {}, h("td", {}), it.series.map((series) => h("th", { scope: "col" }, series.name)))),
    h("tbody", {}, it.categories.map((name, at) => h("tr", {}, h("th", { scope: "row" }, name),
      it.series.map((series) => h("td", {}, EXACT.format(series.points[at] ?? 0)))))));
}
