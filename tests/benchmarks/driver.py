"""A closed loop over kept-alive connections, in one thread: a new request follows each answer.

It shares the cores with the server that it measures, so it formats and parses no more of HTTP
than it needs: some 25 microseconds a request (`--operations noop` against openai_stub.py).
"""

import selectors
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import NamedTuple
from urllib.parse import urlsplit

LOOPBACK = ("localhost", "127.0.0.1", "::1")
PATIENCE = 120.0  # seconds until a silent server is given up


class DriveError(Exception):
    """The server answered wrongly or not at all: no figure would mean anything."""


class Request(NamedTuple):
    payload: bytes
    needle: bytes = b""  # what must stand in the answer ...
    times: int = 0  # ... this often


@dataclass(frozen=True)
class Target:
    host: str
    port: int
    root: str
    api_key: str

    @classmethod
    def parse(cls, url: str, api_key: str) -> "Target":
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname not in LOOPBACK:
            raise ValueError(f"only http on {', '.join(LOOPBACK)} is driven, not {url}")
        return cls(parts.hostname, parts.port or 80, parts.path.rstrip("/"), api_key)

    def request(
        self, method: str, path: str, body: bytes = b"", needle: bytes = b"", times: int = 0
    ) -> Request:
        head = (
            f"{method} {self.root}{path} HTTP/1.1\r\nHost: {self.host}:{self.port}\r\n"
            f"Authorization: Token {self.api_key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return Request(head.encode() + body, needle, times)


@dataclass
class Sample:
    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)

    def extend(self, other: "Sample") -> None:
        self.seconds += other.seconds
        self.latencies += other.latencies

    def figures(self) -> dict[str, float]:
        ranked = sorted(self.latencies)
        return {
            "per_s": round(len(ranked) / self.seconds, 1),
            "p50_ms": round(1000 * ranked[len(ranked) // 2], 2),
            "p95_ms": round(1000 * ranked[int(len(ranked) * 0.95)], 2),
        }


class Connection:
    def __init__(self, target: Target) -> None:
        self.socket = socket.create_connection((target.host, target.port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""

    def send(self, request: Request) -> None:
        self.request = request
        self.socket.sendall(request.payload)
        self.started = perf_counter()

    def receive(self) -> bytes | None:
        """Take what has arrived; answers the body once it is whole."""
        data = self.socket.recv(1 << 18)
        if not data:
            raise DriveError("the server closed a connection before it had answered")
        self.received = self.received + data if self.received else data
        end = self.received.find(b"\r\n\r\n")
        body = None if end < 0 else whole_body(self.received, end)
        if body is not None:
            self.check(self.received[:12], body)
            self.received = b""
        return body

    def check(self, status_line: bytes, body: bytes) -> None:
        request = self.request
        if status_line[9:12] not in (b"200", b"201"):
            raise DriveError(f"{status_line.decode()}: {body[:300].decode(errors='replace')}")
        if request.times and body.count(request.needle) != request.times:
            found = body.count(request.needle)
            raise DriveError(f"{found} x {request.needle.decode()} instead of {request.times}")


def whole_body(received: bytes, end: int) -> bytes | None:
    head = received[:end].lower()
    if (start := head.find(b"content-length:")) >= 0:
        length = int(head[start + 15 :].split(b"\r\n", 1)[0])
        return received[end + 4 :] if len(received) >= end + 4 + length else None
    if b"transfer-encoding: chunked" in head:
        return join_chunks(received[end + 4 :]) if received.endswith(b"0\r\n\r\n") else None
    raise DriveError("an answer without a length")


def join_chunks(received: bytes) -> bytes | None:
    """None as long as the last chunk, which is empty, has not come."""
    parts, place = [], 0
    while (line := received.find(b"\r\n", place)) >= 0:
        size = int(received[place:line], 16)
        if size == 0:
            return b"".join(parts)
        parts.append(received[line + 2 : line + 2 + size])
        place = line + 2 + size + 2
    return None


def drive(
    target: Target,
    requests: Iterable[Request],
    *,
    clients: int,
    seconds: float = float("inf"),
    keep: Callable[[bytes], object] | None = None,
) -> Sample:
    """Run until `requests` is used up or the time is over; those under way are waited for."""
    pending = iter(requests)
    connections = [Connection(target) for _ in range(clients)]
    try:
        with selectors.DefaultSelector() as selector:
            return _loop(selector, connections, pending, seconds, keep)
    finally:
        for connection in connections:
            connection.socket.close()


def _loop(
    selector: selectors.BaseSelector,
    connections: list[Connection],
    pending: Iterator[Request],
    seconds: float,
    keep: Callable[[bytes], object] | None,
) -> Sample:
    sample, begun = Sample(), perf_counter()
    busy = 0
    for connection in connections:
        if (request := next(pending, None)) is not None:
            selector.register(connection.socket, selectors.EVENT_READ, connection)
            connection.send(request)
            busy += 1
    while busy:
        ready = selector.select(PATIENCE)
        if not ready:
            raise DriveError(f"no answer within {PATIENCE:.0f} seconds")
        for key, _ in ready:
            connection = key.data
            if (body := connection.receive()) is None:
                continue
            now = perf_counter()
            sample.latencies.append(now - connection.started)
            if keep:
                keep(body)
            request = next(pending, None) if now - begun < seconds else None
            if request is None:
                busy -= 1
            else:
                connection.send(request)
    sample.seconds = perf_counter() - begun
    return sample
