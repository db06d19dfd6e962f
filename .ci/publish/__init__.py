"""Publish the three folders as three repositories of an owner, each with its history and its names."""
