"""The embedded database for as long as a command runs, whether or not MemoryHub runs."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from memoryhub.embedded import keeper, processes, server
from memoryhub.embedded.layout import (
    PROJECT,
    LauncherError,
    Layout,
    data_dir,
    is_embedded,
    prepare,
)

_START_SECONDS = 330  # crash recovery after a large load is slow
_STOP_SECONDS = 30
_OFFLINE = {"check", "collectstatic", "database_url", "help", "version"}


class DatabaseUser:
    """One user of the embedded database. The keeper keeps it running while there is one."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._users = keeper.users_lock(layout)
        self._keeper: subprocess.Popen[bytes] | None = None

    def join(self) -> None:
        """Return once the database answers."""
        self._users.wait_shared()
        deadline = time.monotonic() + _START_SECONDS
        while not server.is_ready(self._layout):
            self.ensure_keeper()
            if time.monotonic() > deadline:
                raise LauncherError(f"PostgreSQL does not answer: see {self._layout.logs}.")
            time.sleep(0.05)

    def ensure_keeper(self) -> None:
        """Start a keeper if there is none. Raises with what ours said if it failed."""
        if self._keeper is not None and self._keeper.poll() is not None:
            ended, self._keeper = self._keeper, None
            _raise_failure(ended)
        if self._keeper is None and keeper.keeper_lock(self._layout).is_free():
            self._keeper = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "memoryhub.embedded.keeper", self._layout.root],
                cwd=PROJECT,
                start_new_session=True,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )

    def leave(self) -> None:
        """Let go. The last one out waits until the server has stopped."""
        self._users.release()
        deadline = time.monotonic() + _STOP_SECONDS
        while not keeper.keeper_lock(self._layout).is_free() and time.monotonic() < deadline:
            if self._is_used():
                return
            time.sleep(0.02)
        if self._keeper is not None:
            processes.wait(self._keeper, seconds=1)  # so that no zombie of ours is left

    def _is_used(self) -> bool:
        """Whether others share the lock; false while the keeper has it to itself."""
        probe = keeper.users_lock(self._layout)
        try:
            return probe.try_shared() and not probe.try_exclusive()
        finally:
            probe.release()


@contextmanager
def database(layout: Layout) -> Iterator[DatabaseUser]:
    """Have the embedded database run inside the block."""
    user = DatabaseUser(layout)
    try:
        user.join()
        yield user
    finally:
        user.leave()


@contextmanager
def database_for(arguments: list[str]) -> Iterator[None]:
    """Have the database that `manage.py` needs with these arguments, if it is ours to start."""
    is_offline = len(arguments) == 1 or arguments[1] in _OFFLINE or {"-h", "--help"} & {*arguments}
    if is_offline or not is_embedded("DATABASE_URL"):
        yield
        return
    with database(prepare(data_dir())):
        yield


def _raise_failure(ended: subprocess.Popen[bytes]) -> None:
    said = ended.communicate()[1].decode(errors="replace").splitlines()
    if ended.returncode > 0:
        raise LauncherError(said[-1] if said else "PostgreSQL's keeper failed.")
