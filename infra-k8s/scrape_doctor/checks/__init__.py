"""One module per link of the chain; each judges the evidence and touches nothing."""
