"""The one value that every check is a function of: the cluster's objects and the answers to queries, read once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from scrape_doctor.cluster import Cluster
from scrape_doctor.monitoring import Monitoring
from scrape_doctor.resources.monitors import pod_of_target, pool_of, pools_of, scrape_pool, targets_of
from scrape_doctor.resources.objects import Object, name
from scrape_doctor.scope import Scope
from scrape_doctor.subject import Subject


@dataclass(frozen=True)
class HelmRelease:
    """What Helm recorded of the newest revision."""

    revision: int
    status: str
    chart: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class HttpAnswer:
    """The answer to an HTTP GET: a status, or 0 and the reason why there was none."""

    status: int
    reason: str = ""

    @property
    def healthy(self) -> bool:
        """Tell whether the kubelet would count it as a success."""
        return 200 <= self.status < 400


@dataclass(frozen=True)
class ProbeAnswer:
    """One container's answer on the path of one of its probes, and the well-known paths that answer 200 instead."""

    pod: str
    container: str
    kind: str
    path: str
    port: int
    answer: HttpAnswer
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True)
class PrometheusAnswers:
    """What Prometheus itself reports; `error` says why it could not be asked.

    `dropped` are the targets that it discovered for the subject's monitors and dropped by relabeling; `jobs` the names
    of the scrape configurations that it runs with, None if it does not tell; `loaded_at` when it loaded them; `right`
    what we would have to be allowed to ask it.
    """

    error: str = ""
    right: str = ""
    asks_for_credentials: bool = False
    reloaded: bool = True
    jobs: frozenset[str] | None = None
    loaded_at: datetime | None = None
    targets: tuple[Object, ...] = ()
    dropped: tuple[Object, ...] = ()
    groups: tuple[Object, ...] = ()
    metrics: frozenset[str] = frozenset()
    samples: Mapping[tuple[str, str], float] = field(default_factory=dict)
    parse_errors: Mapping[str, str] = field(default_factory=dict)
    _by_pool: dict[str, list[Object]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def targets_of(self, monitor: Object, endpoint: int | None = None) -> list[Object]:
        """Return the targets that the operator made of a monitor, or of one of its endpoints."""
        if not self._by_pool:
            # Grouped once: in a large cluster each monitor would search them all.
            for target in self.targets:
                self._by_pool.setdefault(scrape_pool(target), []).append(target)
        pools = pools_of(monitor) if endpoint is None else [pool_of(monitor, endpoint)]
        return [target for pool in pools for target in self._by_pool.get(pool, [])]


@dataclass(frozen=True)
class Snapshot:
    """Everything that was read.

    `denied` is what Prometheus' account may not list, None if that could not be asked; `grafana` is None if none runs;
    `secrets` are the keys of each Secret that a monitor names, by namespace and name: None if it is not there, absent
    if it could not be read.
    `probes_right` and `grafana_right` say what we would have to be allowed to ask the pods and Grafana.
    `platforms` are those of the images that did not start, by image.
    """

    scope: Scope
    cluster: Cluster = field(default_factory=Cluster)
    subject: Subject = field(default_factory=Subject)
    monitoring: Monitoring = field(default_factory=Monitoring)
    helm: HelmRelease | None = None
    denied: tuple[str, ...] | None = None
    probes: tuple[ProbeAnswer, ...] = ()
    prometheus: PrometheusAnswers = PrometheusAnswers(error="not asked")
    grafana: HttpAnswer | None = None
    probes_right: str = ""
    grafana_right: str = ""
    secrets: Mapping[tuple[str, str], frozenset[str] | None] = field(default_factory=dict)
    platforms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def targets(self) -> list[Object]:
        """Return the targets of the subject's monitors whose pods still live."""
        pods = {name(pod) for pod in self.subject.pods} | {""}
        return [t for m in self.subject.monitors for t in self.targets_of(m) if pod_of_target(t) in pods]

    def targets_of(self, monitor: Object, endpoint: int | None = None) -> list[Object]:
        """Return the targets that the operator made of a monitor, or of one of its endpoints."""
        return self.prometheus.targets_of(monitor, endpoint)

    def dropped_of(self, monitor: Object, endpoint: int) -> list[Object]:
        """Return the targets of an endpoint that Prometheus dropped by relabeling."""
        return targets_of(monitor, self.prometheus.dropped, endpoint)
