"""Who PostgreSQL runs as: it refuses root, so root steps down in one of two ways."""

import functools
import os
import pwd
import subprocess
from collections.abc import Callable
from pathlib import Path

from memoryhub.embedded import binaries, kernel
from memoryhub.embedded.layout import LauncherError

Step = Callable[[], None]


@functools.cache
def step() -> Step | None:
    """What a child does before it turns into PostgreSQL; nothing for an ordinary user.

    As root a user namespace comes first, since files stay root's. Where it is forbidden, as in
    most containers, the child becomes nobody.
    """
    if os.geteuid() != 0:
        return None
    for candidate in (kernel.map_root_to_nobody, kernel.become_nobody):
        if _works(candidate):
            return candidate
    raise LauncherError("PostgreSQL refuses to run as root: start MemoryHub as an ordinary user.")


def take_over(folder: Path) -> None:
    """Give the files to the user PostgreSQL runs as; refuse those of a third user."""
    wanted = kernel.NOBODY if step() is kernel.become_nobody else os.geteuid()
    found = folder.stat().st_uid
    if found == wanted:
        return
    if os.geteuid() != 0 or found not in {0, kernel.NOBODY}:
        raise LauncherError(f"{folder} belongs to {_name(found)}: run this as that user.")
    for parent, folders, files in os.walk(folder):
        for name in ("", *folders, *files):
            os.lchown(Path(parent, name), wanted, wanted)


def _works(candidate: Step) -> bool:
    try:
        program = binaries.postgres("pg_isready")
        subprocess.run([program], preexec_fn=candidate, check=False, capture_output=True)  # noqa: S603
    except subprocess.SubprocessError:
        return False
    return True


def _name(uid: int) -> str:
    try:
        return f"the user {pwd.getpwuid(uid).pw_name}"
    except KeyError:
        return f"user number {uid}"
