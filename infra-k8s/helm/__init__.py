"""The chart, and what reads it without a cluster."""
