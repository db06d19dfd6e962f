// A line chart in plain SVG: a baseline, a top, a few lines, and the times at which a fault was on.

import { KEPT_SECONDS } from "./series.js";

const [HEIGHT, LEFT, RIGHT, TOP, BOTTOM] = [168, 2, 6, 20, 24];
const SPANS = { 15: "15 s", 30: "30 s", 60: "1 min", 120: "2 min", [KEPT_SECONDS]: "5 min" };

function draw(name, attributes, parent, text) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  parent?.append(element);
  return element;
}

/** Return the smallest of 1, 2, 5 times a power of ten that is not below `value`. */
function ceiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= value);
}

/** Return the runs of `points` in which `key` has a value: a line is not drawn over what nobody knows. */
function runs(points, key) {
  const found = [[]];
  for (const each of points)
    if (each[key] !== null) found.at(-1).push(each);
    else if (found.at(-1).length) found.push([]);
  return found.filter((run) => run.length);
}

/** Return the times during which `on` was true of the points, from the point before. */
function times(points, on) {
  const found = [];
  for (const [index, each] of points.entries()) {
    if (!index || !on(each)) continue;
    const from = points[index - 1].time;
    if (found.at(-1)?.to === from) found.at(-1).to = each.time;
    else found.push({ from, to: each.time });
  }
  return found;
}

function drawFaults(svg, points, x, middle) {
  for (const { from, to } of times(points, (each) => each.faults.length))
    draw("rect", { class: "fault", x: x(from), y: TOP, width: x(to) - x(from), height: HEIGHT - TOP - BOTTOM }, svg);
  const faults = [...new Set(points.flatMap((each) => each.faults))];
  faults.forEach((fault, row) => {
    const last = times(points, (each) => each.faults.includes(fault)).at(-1);
    if (!last) return;
    const place = x(last.from) > middle ? { x: x(last.to) - 4, "text-anchor": "end" } : { x: x(last.from) + 4 };
    draw("text", { class: "mark", y: TOP + 14 * (row + 1), ...place }, svg, fault);
  });
}

function drawScale(svg, { top, unit, width, span, y, mark }) {
  for (const value of [0, top / 2, top]) {
    draw("line", { class: value ? "rule" : "base", x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value) }, svg);
    if (value) draw("text", { x: LEFT, y: y(value) - 4 }, svg, `${+value.toPrecision(3)}${value === top ? ` ${unit}` : ""}`);
  }
  if (mark && mark.value < top) {
    draw("line", { class: "mark", x1: LEFT, x2: width - RIGHT, y1: y(mark.value), y2: y(mark.value) }, svg);
    draw("text", { class: "mark", x: width - RIGHT, y: y(mark.value) - 4, "text-anchor": "end" }, svg, mark.label);
  }
  draw("text", { x: LEFT, y: HEIGHT - 6 }, svg, `${SPANS[span]} ago`);
  draw("text", { x: width - RIGHT, y: HEIGHT - 6, "text-anchor": "end" }, svg, "now");
}

function drawLine(svg, points, key, index, x, y) {
  const step = (each) => `${x(each.time).toFixed(1)} ${y(each[key]).toFixed(1)}`;
  const lines = runs(points, key).map((run) => ({ run, d: run.map(step).join("L") }));
  if (!index) {
    const areas = lines.map(({ run, d }) => `M${x(run[0].time)} ${y(0)}L${d}L${x(run.at(-1).time)} ${y(0)}Z`);
    draw("path", { class: "area", d: areas.join("") }, svg);
  }
  const known = lines.reduce((sum, { run }) => sum + run.length, 0);
  draw("path", { class: `line line-${index}`, "data-points": known, d: lines.map(({ d }) => `M${d}`).join("") }, svg);
  const last = points.at(-1);
  if (last && last[key] !== null) draw("circle", { class: `dot line-${index}`, cx: x(last.time), cy: y(last[key]), r: 3.5 }, svg);
}

/** Draw `keys` of `points` as wide as `place`; `least` is the least top of the scale, `mark` a value worth a line. */
export function chart(place, points, { label, unit, keys, least, mark }) {
  const width = Math.max(place.clientWidth, 200);
  const highest = Math.max(least, ...points.flatMap((each) => keys.map((key) => each[key] ?? 0)));
  const top = ceiling(highest);
  const end = points.at(-1)?.time ?? 0;
  const age = end - (points[0]?.time ?? 0);
  const span = Object.keys(SPANS).map(Number).find((seconds) => seconds >= age) ?? KEPT_SECONDS;
  const x = (time) => width - RIGHT - (end - time) / span * (width - LEFT - RIGHT);
  const y = (value) => HEIGHT - BOTTOM - value / top * (HEIGHT - TOP - BOTTOM);
  const svg = draw("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, "aria-hidden": true });
  const name = `${label}, the last ${SPANS[span]}`;
  if (place.ariaLabel !== name) place.ariaLabel = name;
  drawFaults(svg, points, x, width * 0.6);
  drawScale(svg, { top, unit, width, span, y, mark });
  keys.forEach((key, index) => drawLine(svg, points, key, index, x, y));
  svg.append(...svg.querySelectorAll("text")); // words lie over lines
  place.replaceChildren(svg);
}
