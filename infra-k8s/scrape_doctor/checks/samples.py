"""The samples: a successful scrape brings some."""

from scrape_doctor.finding import Finding, broken, ok, skipped
from scrape_doctor.snapshot import Snapshot


def check(snapshot: Snapshot) -> Finding:
    """Check how many samples were kept after relabeling, as Prometheus itself counts them."""
    kept = []
    for target in snapshot.targets():
        labels = target["labels"]
        count = snapshot.prometheus.samples.get((labels.get("job", ""), labels.get("instance", "")))
        if count == 0:
            return broken(
                "samples-none",
                f"the scrape of {target['scrapeUrl']} works but brings no sample",
                fix="let the application register its metrics, or loosen the monitor's metricRelabelings",
            )
        kept.append(count)
    counts = [int(count) for count in kept if count is not None]
    if not counts:
        return skipped("Prometheus does not tell how many samples a scrape brought")
    return ok(f"{sum(counts)} samples in the last scrape of {len(counts)} targets")
