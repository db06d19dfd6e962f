"""A chart's values, searched for the place where something is set."""

from collections.abc import Iterator, Mapping


def leaves(values: object, prefix: str = "") -> Iterator[str]:
    """Yield the dotted path of every leaf of a chart's values."""
    if isinstance(values, Mapping) and values:
        for key, value in values.items():
            yield from leaves(value, f"{prefix}.{key}" if prefix else str(key))
    elif prefix:
        yield prefix


def paths(values: object, leaf: object, prefix: str = "") -> Iterator[str]:
    """Yield the dotted paths in a chart's values that hold `leaf`."""
    if isinstance(values, Mapping):
        for key, value in values.items():
            escaped = str(key).replace(".", r"\.")
            yield from paths(value, leaf, f"{prefix}.{escaped}" if prefix else escaped)
    elif values == leaf and prefix:
        yield prefix
