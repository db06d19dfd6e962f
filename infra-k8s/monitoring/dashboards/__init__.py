"""Grafana dashboards as code. `python -m monitoring.dashboards` writes them into the chart."""
