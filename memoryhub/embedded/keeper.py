"""Keeps the embedded PostgreSQL running for as long as anybody uses it.

`python -m memoryhub.embedded.keeper DATA_DIR` is started by whoever needs the database first and
outlives it: users are counted by a shared lock, which the kernel drops even for a killed process.
"""

import sys
import time
from pathlib import Path

from memoryhub.embedded import server
from memoryhub.embedded.layout import LauncherError, Layout, prepare
from memoryhub.embedded.locks import Lock


def users_lock(layout: Layout) -> Lock:
    """Held shared by every user, exclusively by the keeper while it stops the server."""
    return Lock(layout.run / "database-users.lock")


def keeper_lock(layout: Layout) -> Lock:
    """Held by the one keeper of a data folder."""
    return Lock(layout.run / "database-keeper.lock")


def keep(layout: Layout) -> None:
    """Run the server until its last user is gone. Start it again if it dies meanwhile."""
    users, keeper = users_lock(layout), keeper_lock(layout)
    if not keeper.try_exclusive():
        return
    try:
        process = server.start(layout)
        while not users.try_exclusive():
            if process.poll() is not None:
                process = server.start(layout)
            time.sleep(0.1)
        server.stop(process)
    finally:
        keeper.release()  # before the users' lock: who gets that one must find no keeper here
        users.release()


def main() -> int:
    try:
        keep(prepare(Path(sys.argv[1])))
    except LauncherError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
