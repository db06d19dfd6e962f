"""The prober of a Probe: a Service by its name, or something outside the cluster."""

import pytest

from scrape_doctor.resources import prober


@pytest.mark.parametrize(
    ("url", "host", "port", "names", "only_a_service"),
    [
        ("blackbox.monitoring.svc:9115", "blackbox.monitoring.svc", 9115, ("blackbox", "monitoring"), True),
        ("blackbox:9115", "blackbox", 9115, ("blackbox", ""), True),
        ("blackbox.mon.svc.cluster.local", "blackbox.mon.svc.cluster.local", None, ("blackbox", "mon"), True),
        ("blackbox.monitoring:9115/probe", "blackbox.monitoring", 9115, ("blackbox", "monitoring"), False),
        ("probes.example.com:80", "probes.example.com", 80, None, False),
        ("10.0.0.7:9115", "10.0.0.7", 9115, None, False),
    ],
)  # fmt: skip
def test_an_address_is_read(
    url: str, host: str, port: int | None, names: tuple[str, str] | None, only_a_service: bool
) -> None:
    assert prober.address({"spec": {"prober": {"url": url}}}) == (host, port)
    assert prober.service_names(host) == names
    assert prober.is_cluster_name(host) is only_a_service


def test_a_probe_without_a_prober_has_no_address() -> None:
    assert prober.address({"spec": {}}) == ("", None)
    assert prober.service_names("") is None
