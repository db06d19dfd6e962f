"""What the cluster reports about a namespace in which something failed."""

import kr8s
from kr8s.objects import Event, Pod


def diagnostics(namespace: str) -> str:
    """Return what the cluster reports about a namespace: pods, warnings, last log lines."""
    lines = []
    found = [pod for pod in Pod.list(namespace=namespace) if isinstance(pod, Pod)]
    for pod in found:
        statuses = pod.status.get("containerStatuses", [])
        states = [f"{s['name']}: ready={s['ready']} restarts={s['restartCount']} {s['state']}" for s in statuses]
        lines.append(f"pod {pod.name} {pod.status.get('phase')} {'; '.join(states)}")
    events = [event for event in Event.list(namespace=namespace) if isinstance(event, Event)]
    for event in events:
        if event.raw.get("type") == "Warning":
            lines.append(f"event {event.raw['involvedObject'].get('name')}: {event.raw.get('message')}")
    for pod in found:
        try:
            log = list(pod.logs(tail_lines=5))
        except (kr8s.ServerError, kr8s.NotFoundError) as error:
            log = [f"no log: {error}"]
        lines += [f"log {pod.name}: {line}" for line in log]
    return "\n".join(lines) or "the namespace is empty"
