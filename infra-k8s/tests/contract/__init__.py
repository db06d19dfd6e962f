"""What this repository and the application's have to agree on: tests that read both."""
