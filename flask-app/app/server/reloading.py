"""Let a worker of `python -m app --reload` import the application again, which the server's process has imported."""

import sys

from prometheus_client import GC_COLLECTOR, PLATFORM_COLLECTOR, PROCESS_COLLECTOR, REGISTRY

# What the server itself works with stays: a change of it needs a new start.
KEPT = ("app.server", "app.http.request_id", "app.http.trace_context")


def forget_application() -> None:
    """Forget the modules of the application, and the instruments that they declared."""
    for collector in set(REGISTRY._collector_to_names) - {GC_COLLECTOR, PLATFORM_COLLECTOR, PROCESS_COLLECTOR}:
        REGISTRY.unregister(collector)
    for name in [name for name in sys.modules if name.partition(".")[0] == "app" and not name.startswith(KEPT)]:
        del sys.modules[name]
