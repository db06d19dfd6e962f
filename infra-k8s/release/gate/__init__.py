"""Whether a new revision may stay, by what Prometheus sees of it."""
