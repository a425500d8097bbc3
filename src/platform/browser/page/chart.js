// Draws a chart as a picture with its numbers beside it, as a table that is read but not seen.

import { h, svg } from "./dom.js";

const HEIGHT = 220;
const EDGE = { top: 14, right: 12, bottom: 28, left: 46 };
const COMPACT = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const EXACT = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });
const SERIES = 6;

/** A chart of the model: bar, line or pie. */
export function chart(it) {
  const width = Math.max(260, Math.min(560, window.innerWidth - 112));
  const drawn = { bar, line, pie }[it.kind](it, width);
  const height = it.kind === "pie" ? 180 : HEIGHT;
  const picture = svg("svg", { viewBox: `0 0 ${it.kind === "pie" ? 180 : width} ${height}`, role: "img", class: it.kind },
    svg("title", {}, it.title), svg("desc", {}, it.plain), drawn);
  return h("figure", { class: `chart ${it.kind}` },
    h("figcaption", {}, it.title, h("span", { class: "unit" }, it.unit)),
    it.kind !== "pie" && it.series.length > 1 ? legend(it.series.map((series, at) => [at, series.name])) : null,
    h("div", { class: "drawing" }, picture, it.kind === "pie" ? legend(shares(it)) : null),
    numbers(it));
}

function legend(rows) {
  return h("ul", { class: "legend", "aria-hidden": "true" },
    rows.map(([at, name, value]) => h("li", {}, h("span", { class: `dot series-${at % SERIES}` }), name, value ? h("b", {}, value) : null)));
}

function numbers(it) {
  return h("table", { class: "hidden-but-read" },
    h("caption", {}, `${it.title} (${it.unit})`),
    h("thead", {}, h("tr", {}, h("td", {}), it.series.map((series) => h("th", { scope: "col" }, series.name)))),
    h("tbody", {}, it.categories.map((name, at) => h("tr", {}, h("th", { scope: "row" }, name),
      it.series.map((series) => h("td", {}, EXACT.format(series.points[at] ?? 0)))))));
}

/** Round numbers from at most zero to at least the largest. */
function scale(it) {
  const points = it.series.flatMap((series) => series.points).filter(Number.isFinite);
  const high = Math.max(0, ...points), low = Math.min(0, ...points);
  const rough = (high - low || 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((it) => it * power).find((it) => it >= rough);
  const from = Math.floor(low / step) * step, to = Math.ceil((high || step) / step) * step;
  const ticks = Array.from({ length: Math.round((to - from) / step) + 1 }, (_, at) => from + at * step);
  const y = (value) => EDGE.top + (HEIGHT - EDGE.top - EDGE.bottom) * (1 - (value - from) / (to - from));
  return { ticks, y };
}

function axes(it, width, { ticks, y }, x) {
  const every = Math.ceil(it.categories.length / Math.max(2, Math.floor((width - EDGE.left) / 58)));
  return [
    ...ticks.map((tick) => svg("g", {},
      svg("line", { class: tick === 0 ? "base" : "grid", x1: EDGE.left, x2: width - EDGE.right, y1: y(tick), y2: y(tick) }),
      svg("text", { x: EDGE.left - 8, y: y(tick) + 4, "text-anchor": "end" }, COMPACT.format(tick)))),
    ...it.categories.map((name, at) => (at % every === 0
      ? svg("text", { x: x(at), y: HEIGHT - 9, "text-anchor": "middle" }, name.length > 11 ? `${name.slice(0, 10)}…` : name) : null)),
  ];
}

function tip(it, series, at) {
  return svg("title", {}, `${it.categories[at]}: ${EXACT.format(series.points[at] ?? 0)} ${it.unit} (${series.name})`);
}

function bar(it, width) {
  const room = (width - EDGE.left - EDGE.right) / Math.max(1, it.categories.length);
  const thick = Math.max(2, Math.min(34, (room * 0.72) / it.series.length));
  const x = (at) => EDGE.left + room * (at + 0.5);
  const by = scale(it);
  const bars = it.series.flatMap((series, row) => it.categories.map((_, at) => {
    const value = series.points[at] ?? 0;
    const top = Math.min(by.y(value), by.y(0)), tall = Math.abs(by.y(value) - by.y(0));
    const left = x(at) - (thick * it.series.length) / 2 + thick * row;
    return svg("rect", { class: `fill series-${row % SERIES}`, x: left + 1, y: top, width: thick - 2, height: Math.max(tall, value ? 1 : 0), rx: Math.min(3, thick / 4) },
      tip(it, series, at));
  }));
  return [axes(it, width, by, x), bars].flat();
}

function line(it, width) {
  const room = (width - EDGE.left - EDGE.right - 20) / Math.max(1, it.categories.length - 1);
  const x = (at) => EDGE.left + 10 + room * at;
  const by = scale(it);
  const lines = it.series.flatMap((series, row) => {
    const spots = it.categories.map((_, at) => [x(at), by.y(series.points[at] ?? 0)]);
    const path = spots.map(([left, top], at) => `${at ? "L" : "M"}${left.toFixed(1)} ${top.toFixed(1)}`).join("");
    const under = `${path}L${spots.at(-1)?.[0] ?? 0} ${by.y(0)}L${spots[0]?.[0] ?? 0} ${by.y(0)}Z`;
    return [
      it.series.length === 1 ? svg("path", { class: `area series-${row % SERIES}`, d: under }) : null,
      svg("path", { class: `stroke series-${row % SERIES}`, d: path }),
      ...spots.map(([left, top], at) => svg("circle", { class: `fill series-${row % SERIES}`, cx: left, cy: top, r: 3.4 }, tip(it, series, at))),
    ];
  });
  return [axes(it, width, by, x), lines].flat().filter(Boolean);
}

function shares(it) {
  const points = it.series[0]?.points ?? [];
  const whole = points.reduce((sum, point) => sum + Math.max(0, point), 0) || 1;
  return it.categories.map((name, at) => [at, name,
    `${EXACT.format(points[at] ?? 0)} (${Math.round((100 * Math.max(0, points[at] ?? 0)) / whole)} %)`]);
}

function pie(it) {
  const series = it.series[0] ?? { name: "", points: [] };
  const whole = series.points.reduce((sum, point) => sum + Math.max(0, point), 0) || 1;
  const around = 2 * Math.PI * 62;
  let turned = 0;
  return it.categories.map((_, at) => {
    const share = Math.max(0, series.points[at] ?? 0) / whole;
    const ring = svg("circle", {
      class: `ring series-${at % SERIES}`, cx: 90, cy: 90, r: 62,
      "stroke-dasharray": `${Math.max(0, share * around - 2)} ${around}`,
      transform: `rotate(${turned * 360 - 90} 90 90)`,
    }, tip(it, series, at));
    turned += share;
    return ring;
  });
}
