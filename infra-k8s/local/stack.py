"""What `make up` runs: the application, Prometheus, traffic, and Grafana where there is one."""

import os
import socket
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import httpx
from rich.console import Console
from rich.table import Table

from clients.prometheus import Prometheus, until
from local import chart_target, ports, prometheus
from local.grafana import ABSENT, Grafana
from local.process_group import ProcessGroup
from monitoring.rules import CHART

TARGET_UP_SECONDS = 30.0
LOAD = CHART / "files" / "load.py"


@dataclass(frozen=True)
class Stack:
    """One run on this machine."""

    app_dir: Path
    target: chart_target.ChartTarget
    port: int
    prometheus_port: int
    grafana_port: int

    @property
    def app_url(self) -> str:
        """Where the application is."""
        return f"http://localhost:{self.port}"

    @property
    def prometheus_url(self) -> str:
        """Where Prometheus is."""
        return f"http://localhost:{self.prometheus_port}"

    def run(self) -> int:
        """Run until a signal comes or a process dies; return the exit status.

        Raises:
            Unusable: if a port cannot be used.
            PrometheusMissing: if there is no Prometheus.
            ValueError: if the two ports are one.
        """
        if self.port == self.prometheus_port:
            raise ValueError(f"PORT and PROMETHEUS_PORT are both {self.port}: the two need a port each")
        ports.require_free(self.port, "PORT")
        ports.require_free(self.prometheus_port, "PROMETHEUS_PORT")
        programs = prometheus.find()
        with tempfile.TemporaryDirectory(prefix="flask-app-up-") as folder:
            return self.run_processes(Path(folder), programs.prometheus)

    def run_processes(self, folder: Path, server: Path) -> int:
        """Run the processes, with `folder` for their files, until one ends; return the exit status."""
        try:
            with ProcessGroup() as extra, ProcessGroup() as processes:
                self.start(processes, folder, server)
                grafana = self.start_grafana(extra, folder)
                print("==> starting; waiting until Prometheus itself reports the target up", flush=True)
                until(TARGET_UP_SECONDS, "target up", lambda: "" if processes.first_ended() else self.problem())
                if processes.first_ended() is None:
                    self.show(grafana)
                name, status = processes.wait()
        except KeyboardInterrupt:
            print("==> stopped; nothing of it runs any more", flush=True)
            return 0
        except TimeoutError as error:
            print(f"up: {error}", file=sys.stderr)
            return 1
        lines = [f"up: {name} ended with status {status}; its last lines:"]
        lines += [f"  {line}" for line in processes.tail(name)]
        print("\n".join(lines), file=sys.stderr)
        return 1

    def start(self, processes: ProcessGroup, folder: Path, server: Path) -> None:
        """Start the three processes."""
        pod = socket.gethostname()
        configuration = chart_target.write(folder, self.target, self.port, pod)
        environment = {**os.environ, "PORT": str(self.port)}
        # Everything else listens and asks on the loopback only, so gunicorn does as well.
        gunicorn = [str(self.app_dir / ".venv-run/bin/python"), "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}"]
        processes.start("app", gunicorn, cwd=self.app_dir, env=environment)
        prometheus = [
            str(server),
            f"--config.file={configuration}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{self.prometheus_port}",
        ]
        processes.start("prometheus", prometheus, cwd=folder, env=environment)
        traffic = self.target.traffic
        load = [sys.executable, str(LOAD), "--url", f"http://127.0.0.1:{self.port}", "--forever"]
        load += [f"--rate={traffic['rate']}", *(f"--path={path}" for path in traffic["paths"])]
        processes.start("traffic", load, cwd=folder, env=environment)

    def start_grafana(self, extra: ProcessGroup, folder: Path) -> str:
        """Start a Grafana if there is one and its port is free; return where it is, or what would bring it."""
        grafana = Grafana.find()
        if grafana is None:
            return ABSENT
        # The others may not listen yet.
        ours = "is PORT or PROMETHEUS_PORT:" if self.grafana_port in (self.port, self.prometheus_port) else ""
        if taken := ours or ports.problem(self.grafana_port):
            return f"port {self.grafana_port} {taken} `make up GRAFANA_PORT=<another port>`"
        place = folder / "grafana"
        grafana.provision(place, self.prometheus_port)
        environment = {**os.environ, **grafana.environment(place, self.grafana_port)}
        extra.start("grafana", grafana.command(place, self.grafana_port), cwd=place, env=environment)
        first = "" if grafana.home else " (its image is downloaded first)"
        return f"http://localhost:{self.grafana_port}/d/flask-app{first}"

    def problem(self) -> str:
        """Return why the target is not up yet, in Prometheus's words; empty when it is."""
        api = Prometheus(f"http://127.0.0.1:{self.prometheus_port}")
        try:
            targets = api.targets(self.target.job, self.target.labels["namespace"])
        except (httpx.HTTPError, ValueError) as error:
            return f"Prometheus does not answer: {error}"
        finally:
            api.close()
        return next((t["lastError"] or f"target {t['health']}" for t in targets if t["health"] != "up"), "") or (
            "" if targets else "Prometheus has no target"
        )

    def show(self, grafana: str) -> None:
        """Print what runs where; `grafana` is its address or what would bring it."""
        table = Table(title=f"Prometheus says: target {self.target.job} is UP", title_justify="left")
        table.add_column("what", no_wrap=True)
        table.add_column("where", overflow="fold")
        table.add_row("application", f"{self.app_url}/")
        table.add_row("its metrics", f"{self.app_url}{self.target.path}")
        table.add_row("Prometheus", f"{self.prometheus_url}/targets")
        table.add_row("its alerts", f"{self.prometheus_url}/alerts")
        traffic = self.target.traffic
        table.add_row("Grafana", grafana)
        table.add_row("traffic", f"{traffic['rate']} requests per second to {' and '.join(traffic['paths'])}")
        console = Console()
        console.print(table)
        # make passes SIGTERM on, but waits alone when it alone gets SIGINT: a script is better off with our own number.
        console.print(f"Since {time.strftime('%H:%M:%S')}. Ctrl-C stops all of it, and so does `kill {os.getpid()}`.")
