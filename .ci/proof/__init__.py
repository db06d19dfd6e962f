"""What is published passes alone: `make publish-proof`."""
