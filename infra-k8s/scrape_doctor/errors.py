"""Why an examination could not be made."""


class CannotExamine(Exception):
    """The cluster cannot be examined; the message is one line for people."""
