"""What every client raises where the service or tool that it asks refuses or fails."""


class ClientFailed(RuntimeError):
    """A request did not succeed; the message is one line that says why."""
