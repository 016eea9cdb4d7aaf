"""The embedded Valkey, Celery's broker, on a socket in a private folder only."""

from pathlib import Path

from memoryhub.embedded import binaries
from memoryhub.embedded.layout import Layout


def socket(layout: Layout) -> Path:
    return layout.sockets / "valkey.sock"


def url(root: Path) -> str:
    """The broker's address as Celery takes it. The same whether or not the server runs."""
    return f"redis+socket://{socket(Layout(root))}"


def client_url(broker_url: str) -> str:
    """Of a broker that is Redis or Valkey, as its own clients take it. Else empty."""
    location = broker_url.replace("redis+socket://", "unix://", 1)
    return location if location.startswith(("redis://", "rediss://", "unix://")) else ""


def command(layout: Layout) -> list[str | Path]:
    """The server with every change on disk within a second."""
    options: dict[str, str | Path] = {
        "port": "0",
        "unixsocket": socket(layout),
        "unixsocketperm": "700",
        "dir": layout.valkey,
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "loglevel": "warning",
        "logfile": layout.logs / "valkey.log",
    }
    arguments: list[str | Path] = [binaries.valkey()]
    for name, value in options.items():
        arguments += [f"--{name}", value]
    return arguments
