"""The three folders as three repositories of their own, under an owner's name."""
