"""Where the web server listens: whether it may, and whether it answers."""

import http.client
import os
import socket
from contextlib import closing, suppress

from memoryhub.embedded.layout import LauncherError

_EVERY_ADDRESS = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read, not bound


def read() -> tuple[str, int]:
    """Host and port from the environment."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdecimal() or not 0 < int(text) < 2**16:
        raise LauncherError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return os.environ.get("HOST") or "127.0.0.1", int(text)


def require_free(host: str, port: int) -> None:
    """Refuse an address that another program listens on, or that is not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise LauncherError(
                f"Cannot listen on {host}:{port} ({error.strerror}): set PORT to a free one.",
            ) from error


def answers(host: str, port: int) -> bool:
    """Whether the web server serves /healthz."""
    connection = http.client.HTTPConnection(_EVERY_ADDRESS.get(host, host), port, timeout=5)
    with suppress(OSError, http.client.HTTPException), closing(connection):
        connection.request("GET", "/healthz")
        return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
    return False
