"""Read the cluster and query what runs in it, without changing anything: the objects first, then the answers."""
