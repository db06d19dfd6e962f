"""One module per link of the chain; each `check` is a function of the Snapshot that returns a Finding."""
