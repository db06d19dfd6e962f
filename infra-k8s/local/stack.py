"""What `make up` runs: the application, Prometheus, traffic; and what it says about them."""

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
from local import children, ports, prometheus, scrape
from local.processes import Together
from monitoring.rules import CHART

PATIENCE = 30.0  # seconds until the target has to be up
LOAD = CHART / "files" / "load.py"


@dataclass(frozen=True)
class Stack:
    """One run on this machine."""

    app_dir: Path
    charted: scrape.Charted
    port: int
    prometheus_port: int

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
            Unusable: if a port cannot be had.
            PrometheusMissing: if there is no Prometheus.
            ValueError: if the two ports are one, or the application cannot be set up.
        """
        if self.port == self.prometheus_port:
            raise ValueError(f"PORT and PROMETHEUS_PORT are both {self.port}: the two need a port each")
        ports.claim(self.port, "PORT")
        ports.claim(self.prometheus_port, "PROMETHEUS_PORT")
        setup = ["make", "--silent", "--no-print-directory", "-C", str(self.app_dir), "setup"]
        if children.run(setup).returncode != 0:
            raise ValueError(f"`make setup` failed in {self.app_dir}")
        programs = prometheus.find()
        with tempfile.TemporaryDirectory(prefix="flask-app-up-") as folder:
            return self.together(Path(folder), programs.prometheus)

    def together(self, folder: Path, server: Path) -> int:
        """Run the processes with `folder` for their files."""
        problems: list[str] = []

        def report() -> None:
            try:
                until(PATIENCE, "target up", self.complaint)
            except TimeoutError as error:
                problems.append(str(error))
                processes.stop()
            else:
                self.show()

        processes = Together(started=report)
        self.add(processes, folder, server)
        print("==> starting; waiting until Prometheus itself reports the target up", flush=True)
        processes.loop()
        if dead := processes.first_dead():
            problems.append(f"{dead[0]} ended with status {dead[1]}; its last lines:")
            problems += [f"  {line}" for line in processes.lines.kept[dead[0]]]
        for line in problems:
            print(line if line.startswith(" ") else f"up: {line}", file=sys.stderr)
        if not problems:
            print("==> stopped; nothing of it runs any more", flush=True)
        return 1 if problems else 0

    def add(self, processes: Together, folder: Path, server: Path) -> None:
        """Add the three processes."""
        pod = socket.gethostname()
        configuration = scrape.write(folder, self.charted, self.port, pod)
        environment = {**os.environ, "PORT": str(self.port)}
        # Everything else listens and asks on the loopback only, so gunicorn does as well.
        gunicorn = [str(self.app_dir / ".venv/bin/python"), "-m", "gunicorn", "--bind", f"127.0.0.1:{self.port}"]
        processes.add("app", gunicorn, cwd=self.app_dir, env=environment)
        processes.add(
            "prometheus",
            [
                str(server),
                f"--config.file={configuration}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{self.prometheus_port}",
            ],
            cwd=folder,
            env=environment,
        )
        traffic = self.charted.traffic
        load = [sys.executable, str(LOAD), "--url", f"http://127.0.0.1:{self.port}", "--forever"]
        load += [f"--rate={traffic['rate']}", *(f"--path={path}" for path in traffic["paths"])]
        processes.add("traffic", load, cwd=folder, env=environment)

    def complaint(self) -> str:
        """Say why the target is not up yet, in Prometheus's words; empty when it is."""
        api = Prometheus(f"http://127.0.0.1:{self.prometheus_port}")
        try:
            targets = api.targets(self.charted.job, self.charted.labels["namespace"])
        except (httpx.HTTPError, ValueError) as error:
            return f"Prometheus does not answer: {error}"
        finally:
            api.close()
        return next((t["lastError"] or f"target {t['health']}" for t in targets if t["health"] != "up"), "") or (
            "" if targets else "Prometheus has no target"
        )

    def show(self) -> None:
        """Print what runs where."""
        table = Table(title=f"Prometheus says: target {self.charted.job} is UP", title_justify="left")
        for column in ("what", "where"):
            table.add_column(column, no_wrap=True)
        table.add_row("application", f"{self.app_url}/")
        table.add_row("its metrics", f"{self.app_url}{self.charted.path}")
        table.add_row("Prometheus", f"{self.prometheus_url}/targets")
        table.add_row("its alerts", f"{self.prometheus_url}/alerts")
        traffic = self.charted.traffic
        table.add_row("traffic", f"{traffic['rate']} requests per second to {' and '.join(traffic['paths'])}")
        console = Console()
        console.print(table)
        # make passes SIGTERM on, but waits alone when it alone gets SIGINT: a script is better off with our own number.
        console.print(f"Since {time.strftime('%H:%M:%S')}. Ctrl-C stops all of it, and so does `kill {os.getpid()}`.")
