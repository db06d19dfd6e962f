"""What stops a publication before it has changed anything."""


class Refusal(Exception):
    """Nothing is published; the message says in one line what is in the way and what to do."""
