"""Which kube-prometheus-stack is installed, and how it is set."""

from pathlib import Path

CHART = "oci://ghcr.io/prometheus-community/charts/kube-prometheus-stack"
VALUES = Path(__file__).with_name("kube-prometheus-stack.yaml")
VERSION = Path(__file__).with_name("kube-prometheus-stack.version").read_text().strip()
