"""What a caller asks to examine."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """The release to examine and the monitoring that should watch it."""

    release: str
    namespace: str
    monitoring_release: str
    monitoring_namespace: str
