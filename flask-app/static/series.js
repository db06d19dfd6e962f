// The figures of one instance over time. Figures of two instances are never subtracted: each has a history of its own.

export const KEPT_SECONDS = 300;
const WINDOW_SECONDS = 10;

const total = (stats, wanted = () => true) =>
  stats.requests.filter(wanted).reduce((sum, each) => sum + each.count, 0);

/** Estimate a quantile, in seconds, of the requests between two states of a histogram; null if there were none. */
export function quantile(share, earlier, later) {
  const rank = share * (later.count - earlier.count);
  if (rank <= 0) return null;
  let low = 0, below = 0;
  for (const [index, high] of later.bounds.entries()) {
    const within = later.counts[index] - earlier.counts[index];
    if (within >= rank) return low + (high - low) * (rank - below) / (within - below);
    [low, below] = [high, within];
  }
  return low;
}

function point(earlier, later) {
  const seconds = later.time - earlier.time;
  const requests = total(later) - total(earlier);
  const failed = (each) => each.status.startsWith("5");
  const errors = total(later, failed) - total(earlier, failed);
  const milliseconds = (share) => {
    const value = quantile(share, earlier.duration, later.duration);
    return value === null ? null : value * 1000;
  };
  return {
    time: later.time,
    rate: requests / seconds,
    errors: requests ? errors / requests * 100 : null,
    p50: milliseconds(0.5),
    p95: milliseconds(0.95),
    memory: later.memory_bytes === null ? null : later.memory_bytes / 2 ** 20,
    faults: later.faults.filter((each) => each.active).map((each) => each.fault),
  };
}

export class History {
  #stats = [];
  points = [];

  /** Add what the instance says now; figures are over the last seconds, so that a single poll is not noise. */
  add(stats) {
    this.#stats.push(stats);
    while (this.#stats.length > 2 && stats.time - this.#stats[1].time >= WINDOW_SECONDS) this.#stats.shift();
    if (stats.time > this.#stats[0].time) this.points.push(point(this.#stats[0], stats));
    while (this.points.length && stats.time - this.points[0].time > KEPT_SECONDS) this.points.shift();
  }
}
