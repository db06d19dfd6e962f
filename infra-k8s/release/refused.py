"""The refusal of a step."""


class Refused(ValueError):
    """A step is not done; the message is one line that says why."""
