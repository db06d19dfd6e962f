"""A doctor for the chain from a Helm release to its alerts: reads, asks, names the first broken link."""
