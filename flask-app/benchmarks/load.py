"""A closed-loop load generator: so many kept-alive connections, each with one request in flight at all times.

Run as a process of its own (`python -m benchmarks.load PORT`); prints one line of JSON. Needs about 20 µs of CPU a
request, a tenth of what the server needs, so that it is not what is measured.
"""

import argparse
import json
import selectors
import socket
import time
from dataclasses import dataclass, field


@dataclass
class Connection:
    """One kept-alive connection with at most one request in flight."""

    sock: socket.socket
    sent: float = 0.0
    received: bytearray = field(default_factory=bytearray)

    def send(self, request: bytes) -> None:
        """Start a request."""
        self.sent = time.perf_counter()
        self.sock.sendall(request)

    def read(self) -> int | None:
        """Take what has arrived; return the status once the whole response is here. Raise ConnectionError."""
        chunk = self.sock.recv(1 << 20)
        if not chunk:
            raise ConnectionError("the server closed a connection in the middle of the load")
        self.received += chunk
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = bytes(self.received[:end]).lower()
        length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
        if len(self.received) < end + 4 + length:
            return None
        self.received.clear()
        return int(head[9:12])


def load(port: int, path: str, connections: int, seconds: float) -> dict[str, float]:
    """Ask 127.0.0.1:`port` for `path` for `seconds`; return requests/s and latency percentiles in ms."""
    request = f"GET {path} HTTP/1.1\r\nHost: bench\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n".encode()
    poll = selectors.DefaultSelector()
    for _ in range(connections):
        connection = Connection(socket.create_connection(("127.0.0.1", port), timeout=30))
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        poll.register(connection.sock, selectors.EVENT_READ, connection)
        connection.send(request)
    latencies: list[float] = []
    failed = 0
    started = now = time.perf_counter()
    while now - started < seconds:
        for key, _ in poll.select(timeout=30):
            connection = key.data
            if (status := connection.read()) is not None:
                now = time.perf_counter()
                latencies.append(now - connection.sent)
                failed += status >= 400
                connection.send(request)
    for key in list(poll.get_map().values()):
        key.data.sock.close()
    latencies.sort()
    return {
        "rate": len(latencies) / (now - started),
        "failed": failed,
        **{f"p{percent}": 1000 * latencies[int(len(latencies) * percent / 100)] for percent in (50, 95, 99)},
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("port", type=int)
    parser.add_argument("--path", default="/")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--seconds", type=float, default=5.0)
    options = parser.parse_args()
    print(json.dumps(load(options.port, options.path, options.connections, options.seconds)))
