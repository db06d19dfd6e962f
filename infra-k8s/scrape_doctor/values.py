"""A chart's values, searched for the place where something is set."""

from collections.abc import Iterator, Mapping


def every(values: object, so_far: str = "") -> Iterator[str]:
    """Yield the dotted path of every leaf of a chart's values."""
    if isinstance(values, Mapping) and values:
        for key, value in values.items():
            yield from every(value, f"{so_far}.{key}" if so_far else str(key))
    elif so_far:
        yield so_far


def paths(values: object, leaf: object, so_far: str = "") -> Iterator[str]:
    """Yield the dotted paths in a chart's values that hold `leaf`."""
    if isinstance(values, Mapping):
        for key, value in values.items():
            escaped = str(key).replace(".", r"\.")
            yield from paths(value, leaf, f"{so_far}.{escaped}" if so_far else escaped)
    elif values == leaf and so_far:
        yield so_far
