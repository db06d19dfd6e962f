"""Numbers as Grafana writes them, by its names of units."""

STEPS = ((1024.0**3, "GiB"), (1024.0**2, "MiB"), (1024.0, "KiB"), (1.0, "B"))


def written(value: float, unit: str) -> str:
    """Return a value with its unit; one that Grafana has and this does not know is a bare number."""
    match unit:
        case "bytes":
            return _bytes(value)
        case "Bps":
            return f"{_bytes(value)}/s"
        case "s":
            return f"{value:.3g} s" if value >= 1 or value == 0 else f"{value * 1000:.3g} ms"
        case "percentunit":
            return f"{value * 100:.4g} %"
        case "reqps":
            return f"{value:.3g} req/s"
        case "ops":
            return f"{value:.3g} /s"
    return f"{value:.3g} {unit.removeprefix('suffix:').strip()}" if unit.startswith("suffix:") else f"{value:.3g}"


def _bytes(value: float) -> str:
    size, name = next((step for step in STEPS if abs(value) >= step[0]), STEPS[-1])
    return f"{value / size:.3g} {name}"
