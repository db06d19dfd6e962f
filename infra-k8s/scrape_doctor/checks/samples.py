"""The samples: a scrape that goes well also brings something."""

from scrape_doctor.checks.target import of_monitors
from scrape_doctor.evidence import Evidence
from scrape_doctor.finding import Finding, broken, ok, skipped


def check(evidence: Evidence) -> Finding:
    """Judge how many samples were kept after relabelling, as Prometheus counts them itself."""
    kept = []
    for target in of_monitors(evidence):
        labels = target["labels"]
        count = evidence.prometheus.samples.get((labels.get("job", ""), labels.get("instance", "")))
        if count == 0:
            return broken(
                "samples-none",
                f"the scrape of {target['scrapeUrl']} works and brings no sample",
                fix="let the application register its metrics, or loosen the monitor's metricRelabelings",
            )
        kept.append(count)
    counts = [int(count) for count in kept if count is not None]
    if not counts:
        return skipped("Prometheus does not tell how many samples a scrape brought")
    return ok(f"{sum(counts)} samples in the last scrape of {len(counts)} targets")
