"""What stops a publication before it has changed anything."""


class Refusal(Exception):
    """It is not done; the message says in one line what is in the way and what to do."""
