"""Kubernetes objects as plain JSON, and how Kubernetes and the Prometheus operator read them."""
