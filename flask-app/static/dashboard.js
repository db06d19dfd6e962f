// Asks the instance how it is doing, and shows it.

import { chart } from "./chart.js";
import { History } from "./series.js";

const POLL_MILLISECONDS = 1000;
const CHARTS = {
  rate: { label: "Requests per second", unit: "/s", keys: ["rate"], least: 1 },
  errors: { label: "Errors in percent of requests", unit: "%", keys: ["errors"], least: 1 },
  latency: { label: "Latency in milliseconds, 95th and 50th percentile", unit: "ms", keys: ["p95", "p50"], least: 10, mark: { value: 250, label: "objective 250 ms" } },
  memory: { label: "Memory in MiB", unit: "MiB", keys: ["memory"], least: 10 },
};

const histories = new Map();
let shown = [];
const byId = (id) => document.getElementById(id);
const number = (value, digits) => value === null ? "–" : value.toFixed(digits);

function write(id, text) {
  // An element that is announced must not be touched while it says the same.
  if (byId(id).textContent !== text) byId(id).textContent = text;
}

function duration(seconds) {
  const parts = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]].map(([size, unit], index, all) =>
    [Math.floor((index ? seconds % all[index - 1][0] : seconds) / size), unit]);
  const first = parts.findIndex(([count]) => count);
  return first < 0 ? "0 s" : parts.slice(first, first + 2).map((part) => part.join(" ")).join(" ");
}

// In place, so that a screen reader does not lose the row that it reads.
function fill(body, rows) {
  while (body.rows.length > rows.length) body.lastElementChild.remove();
  rows.forEach((cells, index) => {
    const row = body.rows[index] ?? body.insertRow();
    cells.forEach((text, column) => {
      const cell = row.cells[column] ?? row.insertCell();
      if (cell.textContent !== `${text}`) cell.textContent = text;
    });
  });
}

const EFFECTS = {
  latency: (fault) => `+${+(fault.delay_seconds * 1000).toPrecision(3)} ms`,
  errors: (fault) => `status ${fault.status}`,
  memory: (fault) => `+${fault.mebibytes_per_second} MiB/s up to ${fault.limit_mebibytes} MiB`,
};

function describe(fault) {
  if (!fault.active) return "off";
  const share = fault.rate < 1 ? `${+(fault.rate * 100).toPrecision(3)} %` : "";
  const scope = fault.route === "*" ? "" : fault.route;
  return [EFFECTS[fault.fault]?.(fault), share, scope, `${Math.ceil(fault.seconds_remaining)} s left`].filter(Boolean).join(" · ");
}

function showFaults(faults) {
  const active = faults.filter((fault) => fault.active).map((fault) => fault.fault);
  write("active", active.length ? `${active.join(", ")} on` : "none on");
  faults.forEach((fault, index) => {
    const item = byId("faults").children[index];
    item.dataset.active = fault.active;
    item.querySelector("span").textContent = describe(fault);
  });
}

function drawCharts() {
  if (!shown.length) return;
  for (const place of document.querySelectorAll("[data-chart]"))
    chart(place.querySelector(".plot"), shown, CHARTS[place.dataset.chart]);
}

function showSignals(points) {
  const last = points.at(-1);
  if (!last) return;
  shown = points;
  write("window", "Last ten seconds");
  for (const [id, value, digits] of [["rate", last.rate, 1], ["errors", last.errors, 1], ["p95", last.p95, 0], ["p50", last.p50, 0], ["memory", last.memory, 1]])
    write(id, number(value, digits));
  drawCharts();
  fill(byId("samples"), points.slice(-15).reverse().map((each) => [
    new Date(each.time * 1000).toLocaleTimeString(), number(each.rate, 1), number(each.errors, 1),
    number(each.p50, 0), number(each.p95, 0), number(each.memory, 1)]));
}

function show(stats) {
  if (!histories.has(stats.instance)) histories.set(stats.instance, new History());
  const history = histories.get(stats.instance);
  history.add(stats);
  write("hostname", stats.hostname);
  write("version", stats.version);
  write("revision", stats.revision.slice(0, 12));
  write("uptime", duration(stats.uptime_seconds));
  write("state", stats.ready ? "Ready" : "Not ready");
  byId("state").dataset.state = stats.ready ? "ready" : "unready";
  document.title = `flask-app · ${stats.hostname}`;
  showSignals(history.points);
  showFaults(stats.faults);
  fill(byId("routes"), stats.requests.map((each) => [each.method, each.route, each.status, each.count]));
}

async function poll() {
  try {
    const answer = await fetch(new URL("../api/stats", import.meta.url), { cache: "no-store", signal: AbortSignal.timeout(5000) });
    if (!answer.ok) throw new Error(`it answered ${answer.status}`);
    show(await answer.json());
    byId("trouble").hidden = true;
  } catch (error) {
    byId("trouble").hidden = false;
    write("trouble", `No live data: ${error.message}. What you see is the last that arrived; trying again.`);
    write("state", "Out of reach");
    byId("state").dataset.state = "lost";
  }
  setTimeout(poll, document.hidden ? 5 * POLL_MILLISECONDS : POLL_MILLISECONDS);
}

addEventListener("resize", drawCharts);
poll();
