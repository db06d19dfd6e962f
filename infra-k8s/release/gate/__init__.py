"""The release gate: may the newest revision stay? What Prometheus measures of it decides."""

from release.gate.step import run

__all__ = ["run"]
