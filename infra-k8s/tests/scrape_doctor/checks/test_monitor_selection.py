"""What a monitor selects of the subject."""

from scrape_doctor.finding import State
from tests.scrape_doctor.faults import (
    joined,
    put,
)
from tests.scrape_doctor.world import finding, healthy


def test_a_monitor_that_selects_only_a_foreign_service_selects_nothing() -> None:
    world = healthy("umbrella")
    labels = {"app": "somebody-else"}
    spec = {"selector": labels, "ports": [{"name": "metrics", "port": 80}]}
    joined(world, "services", {"metadata": {"name": "other", "namespace": "garage", "labels": labels}, "spec": spec})
    put("servicemonitors", "spec", "selector", value={"matchLabels": labels})(world)
    assert finding(world, "monitor-selection") == (
        State.BROKEN,
        "ServiceMonitor garage/engine selects no Service: Service car-engine lacks app=somebody-else",
    )
