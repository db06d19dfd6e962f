"""Find the first broken link between an application in Kubernetes and its alerts, and name its fix.

The flow is one-way: `read` makes one frozen Snapshot, each of `checks` is a function of it, `report` prints what they
found.
"""
