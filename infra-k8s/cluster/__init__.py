"""What we ask of a cluster, and how: its API, Helm, Prometheus, load from inside."""
