"""The path from a pushed commit to what Prometheus reports live, run for real: `make pipeline`."""
