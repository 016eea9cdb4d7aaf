"""A PostHog-like server on loopback that keeps every byte, and can misbehave."""

import json
import socket
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

HANG = "hang"
GARBAGE = b"\x00\xff not HTTP at all \r\n\r\n"


@dataclass
class Received:
    line: str
    headers: dict[str, str]
    body: bytes

    @property
    def document(self):
        return json.loads(self.body)


@dataclass
class Capture:
    """`answer` is a status, bytes to write as they are, or HANG."""

    port: int
    answer: int | bytes | str = 200
    received: list[Received] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def bodies(self) -> list[bytes]:
        return [one.body for one in self.received]

    def serve(self, listener):
        while not self.ended.is_set():
            with suppress(OSError):
                connection, _ = listener.accept()
                threading.Thread(target=self.take, args=[connection], daemon=True).start()

    def take(self, connection):
        with connection, connection.makefile("rb") as stream:
            line = stream.readline().decode().strip()
            if not line:
                return
            headers = dict(read_headers(stream))
            body = stream.read(int(headers.get("Content-Length", 0)))
            self.received.append(Received(line, headers, body))
            with suppress(OSError):
                self.reply(connection)

    def reply(self, connection):
        if self.answer == HANG:
            self.ended.wait(60)
        elif isinstance(self.answer, bytes):
            connection.sendall(self.answer)
        else:
            connection.sendall(
                f"HTTP/1.1 {self.answer} Word\r\nContent-Length: 2\r\n\r\n{{}}".encode()
            )


def read_headers(stream):
    while line := stream.readline().decode().strip():
        name, _, value = line.partition(":")
        yield name, value.strip()


def redirect(url: str, status: int = 307) -> bytes:
    return f"HTTP/1.1 {status} Word\r\nLocation: {url}\r\nContent-Length: 0\r\n\r\n".encode()


@contextmanager
def capturing():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        capture = Capture(listener.getsockname()[1])
        thread = threading.Thread(target=capture.serve, args=[listener])
        thread.start()
        try:
            yield capture
        finally:
            capture.ended.set()
            with suppress(OSError), socket.create_connection(("127.0.0.1", capture.port), 5):
                pass  # wakes accept()
            thread.join()
