"""Failure on purpose: which faults there are, which are active, and what they do to requests and memory."""
