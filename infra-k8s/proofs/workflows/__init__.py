"""The workflow files of all three repositories, run as they are by act, on a real cluster: `make workflows`."""
