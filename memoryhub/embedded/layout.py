"""Where things lie below the data folder."""

import errno
import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

PROJECT = Path(__file__).resolve().parents[2]
_LONGEST_SOCKET_PATH = 107  # bytes; sockaddr_un has room for no more
_LONGEST_SOCKET_NAME = "/.s.PGSQL.5432"
_LONGEST_LOG = 10_000_000


class LauncherError(Exception):
    """Something the operator can mend. Its text is one line."""


@dataclass(frozen=True)
class Layout:
    """The folders below one data folder. `prepare` makes them."""

    root: Path

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def cluster(self) -> Path:
        return self.postgres / "data"

    @property
    def valkey(self) -> Path:
        return self.root / "valkey"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def keys(self) -> Path:
        return self.root / "keys"

    @property
    def sockets(self) -> Path:
        """`run`, or where its path is too long for a socket a folder in /tmp named after it."""
        if len(os.fsencode(self.run)) + len(_LONGEST_SOCKET_NAME) <= _LONGEST_SOCKET_PATH:
            return self.run
        digest = hashlib.sha256(os.fsencode(self.run)).hexdigest()
        return Path("/tmp") / f"memoryhub-{digest[:24]}"  # noqa: S108 - `prepare` checks its owner


def is_embedded(setting: str) -> bool:
    """Whether the environment leaves this address (DATABASE_URL, CELERY_BROKER_URL) to us."""
    return not (os.environ.get(setting) or os.environ.get(f"{setting}_FILE"))


def data_dir() -> Path:
    """The data folder the environment names, else `var/` beside the code."""
    named = os.environ.get("MEMORYHUB_DATA_DIR")
    return Path(named or PROJECT / "var").expanduser().resolve()


def prepare(root: Path) -> Layout:
    """Make the folders, each readable by their owner alone."""
    layout = Layout(root.resolve())
    try:
        for folder in (root, layout.postgres, layout.valkey, layout.run, layout.logs, layout.keys):
            _make(folder)
        layout.sockets.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise LauncherError(
            f"The data folder {layout.root} cannot be used ({error.strerror}): set "
            "MEMORYHUB_DATA_DIR to a folder that you may write.",
        ) from error
    _verify_private(layout.sockets, owner=layout.run.stat().st_uid)
    return layout


def _make(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not os.access(folder, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def _verify_private(folder: Path, *, owner: int) -> None:
    """Refuse a folder that another user of the machine could have laid out for us in /tmp."""
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != owner or found.st_mode & 0o077:
        raise LauncherError(f"{folder} must be a folder of your own with mode 0700: remove it.")


def open_log(layout: Layout, name: str) -> BinaryIO:
    """The log of an embedded server, to append to. A long one is set aside first."""
    path = layout.logs / f"{name}.log"
    if path.exists() and path.stat().st_size > _LONGEST_LOG:
        path.replace(path.with_suffix(".log.1"))
    return path.open("ab")
