"""Clients of what the tools ask: Kubernetes, Helm, Prometheus."""
