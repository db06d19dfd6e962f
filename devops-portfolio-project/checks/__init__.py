"""What holds the pages to the repositories that they describe."""
