"""What a caller asks to examine."""

from dataclasses import dataclass

from scrape_doctor.errors import CannotExamine

# The kinds that a target may have, by the words that kubectl takes for them; a bare name is looked for in this order.
KINDS = {
    "release": "Release",
    "deployment": "Deployment",
    "statefulset": "StatefulSet",
    "daemonset": "DaemonSet",
    "servicemonitor": "ServiceMonitor",
    "podmonitor": "PodMonitor",
    "probe": "Probe",
    "service": "Service",
    "pod": "Pod",
    "prometheus": "Prometheus",
    "prometheusagent": "PrometheusAgent",
    "scrapeconfig": "ScrapeConfig",
    "prometheusrule": "PrometheusRule",
    "configmap": "ConfigMap",
}
SHORT = {"deploy": "deployment", "sts": "statefulset", "ds": "daemonset", "svc": "service", "po": "pod"}
SHORT |= {"smon": "servicemonitor", "pmon": "podmonitor", "prb": "probe", "scfg": "scrapeconfig"}
SHORT |= {"promrule": "prometheusrule", "cm": "configmap"}
SHORT |= {"prom": "prometheus", "prometheuses": "prometheus", "promagent": "prometheusagent"}
WATCHERS = ("prometheus", "prometheusagent")  # they scrape and are not scraped: their own chain is short


@dataclass(frozen=True)
class Target:
    """One thing to examine: `kind` as kubectl takes it, `release` for Helm's, empty where only a name was given."""

    kind: str
    name: str

    @classmethod
    def parse(cls, text: str) -> "Target":
        """Read `kind/name` or a bare name.

        Raises:
            CannotExamine: if it is no target, with the kinds that there are.
        """
        kind, slash, name = text.rpartition("/")
        kind = kind.lower().partition(".")[0]
        kind = SHORT.get(kind, kind)
        kind = kind if kind in KINDS else kind.removesuffix("s")
        if not name or (slash and kind not in KINDS):
            raise CannotExamine(f"{text!r} is no target: give a name or KIND/NAME, where KIND is {', '.join(KINDS)}")
        return cls(kind, name)

    def __str__(self) -> str:
        return f"{self.kind}/{self.name}" if self.kind else self.name


@dataclass(frozen=True)
class Scope:
    """The target and the monitoring that should watch it.

    `release` is the Helm release that made the target, empty if Helm did not; without a `target` it is the target,
    and where both are empty everything in the namespace is.
    `everywhere` means every namespace of the cluster, examined together: its containers are not asked.
    `manifests` means that they are examined in place of a cluster: what is not among them is not taken for missing.
    `monitoring_release` and `monitoring_namespace` are empty until the Prometheus that watches the target is found.
    """

    release: str
    namespace: str
    monitoring_release: str = ""
    monitoring_namespace: str = ""
    target: Target | None = None
    everywhere: bool = False
    manifests: bool = False

    @property
    def is_release(self) -> bool:
        """Tell whether a Helm release is examined as a whole."""
        return self.target.kind == "release" if self.target else bool(self.release)

    @property
    def is_open(self) -> bool:
        """Tell whether no target is named: whatever the namespace has is examined."""
        return not self.release and self.target is None

    @property
    def title(self) -> str:
        """Return what is examined, for people: `release shop`, `deployment shop`."""
        return f"release {self.release}" if self.target is None else str(self.target).replace("/", " ")
