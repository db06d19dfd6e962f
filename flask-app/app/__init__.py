"""A small web application that is exact about how it is doing."""
