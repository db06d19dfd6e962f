"""The Python processes inside the pods."""

from monitoring.dashboards.panels import PODS, RED, AnyPanel, asks, graph, line, per_pod

TITLE = "Runtime"


def panels() -> list[AnyPanel]:
    """Return the row's panels."""
    return [
        per_pod(
            "Resident memory",
            "Memory that the application's processes hold, by their own account.",
            f"sum by (pod) (process_resident_memory_bytes{{{PODS}}})",
            unit="bytes",
        ),
        per_pod(
            "CPU of the process",
            "CPU time that the application's processes use, in cores. One interpreter uses at most one at a time.",
            f"sum by (pod) (rate(process_cpu_seconds_total{{{PODS}}}[$__rate_interval]))",
            unit="suffix: cores",
        ),
        graph(
            "Open file descriptors",
            "Files and connections that are open, against the most that a process may have.",
            asks(f"sum by (pod) (process_open_fds{{{PODS}}})", "{{pod}}"),
            asks(f"min(process_max_fds{{{PODS}}})", "limit"),
            unit="short",
        ).override_by_name("limit", line(RED)),
        graph(
            "Garbage collections",
            "Collections per second by generation. Many of generation 2 mean many long-lived objects in cycles.",
            asks(
                f"sum by (generation) (rate(python_gc_collections_total{{{PODS}}}[$__rate_interval]))",
                "generation {{generation}}",
            ),
            unit="ops",
        ),
        per_pod(
            "Uptime",
            "Time since each process began. A drop to zero is a restart.",
            f"time() - min by (pod) (process_start_time_seconds{{{PODS}}})",
            unit="s",
        ),
        per_pod(
            "Readiness",
            "1 while a pod wants traffic, by its own account; 0 while it drains or a fault keeps it unready.",
            f"min by (pod) (app_ready{{{PODS}}})",
            unit="short",
        ).max(1),
    ]
