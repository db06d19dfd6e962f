from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from clients.prometheus import Prometheus
from proofs import failure_report


@contextmanager
def unreachable() -> Iterator[Prometheus]:
    raise TypeError("no kubeconfig")
    yield


def test_a_report_that_fails_is_named_and_the_other_one_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failure_report, "diagnostics", lambda namespace: f"pod of {namespace}: CrashLoopBackOff")
    monkeypatch.setattr(failure_report, "prometheus_client", unreachable)
    assert failure_report.failure_report("shop").splitlines() == [
        "pod of shop: CrashLoopBackOff",
        "Prometheus did not answer: TypeError: no kubeconfig",
    ]
