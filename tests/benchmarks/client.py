"""A JSON client on one kept-alive connection, with nothing but the standard library."""

import http.client
import json
from typing import Any
from urllib.parse import urlsplit


class ApiError(Exception):
    """The server answered something other than 2xx."""


class Client:
    def __init__(self, *, url: str, api_key: str, timeout: float = 300) -> None:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self.connection = kind(parts.hostname or "", parts.port, timeout=timeout)
        self.root = parts.path.rstrip("/")
        self.headers = {"Authorization": f"Token {api_key}", "Content-Type": "application/json"}

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """Send one request; a connection that the server closed while idle is opened again."""
        payload = None if body is None else json.dumps(body).encode()
        try:
            status, answer = self._exchange(method, path, payload)
        except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
            self.connection.close()
            status, answer = self._exchange(method, path, payload)
        if not 200 <= status < 300:
            raise ApiError(f"{method} {path}: {status} {answer[:300].decode(errors='replace')}")
        return json.loads(answer)

    def _exchange(self, method: str, path: str, payload: bytes | None) -> tuple[int, bytes]:
        self.connection.request(method, self.root + path, payload, self.headers)
        response = self.connection.getresponse()
        return response.status, response.read()
