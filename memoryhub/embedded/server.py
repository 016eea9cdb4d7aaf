"""Starts and stops the embedded PostgreSQL, on a socket in a private folder only."""

import os
import re
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from memoryhub.embedded import binaries, cluster, identity, processes
from memoryhub.embedded.layout import LauncherError, Layout, open_log

_PATIENCE_SECONDS = 20
_PASSING = re.compile("lock file|shared memory")  # what a killed server leaves behind for a while
_RECOVERY_SECONDS = 300
_STOP_SECONDS = 30


def is_ready(layout: Layout) -> bool:
    """Whether a server answers on this data folder."""
    command: list[str | Path] = [binaries.postgres("pg_isready"), "--quiet", "--host"]
    return subprocess.run([*command, layout.sockets], check=False).returncode == 0  # noqa: S603


def start(layout: Layout, *, durable: bool = True) -> subprocess.Popen[bytes]:
    """Start the server, making its files at first, and return once it answers.

    Retries for a while, since a server that was killed leaves shared memory behind.
    """
    cluster.prepare(layout, durable=durable)
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while (process := _try_start(layout)) is None:
        reason = cluster.last_error(layout)
        if time.monotonic() > deadline or not _PASSING.search(reason):
            raise LauncherError(f"PostgreSQL does not start: {reason}")
        time.sleep(0.25)
    return process


def stop(process: subprocess.Popen[bytes]) -> None:
    """Stop it fast but cleanly; if it hangs, at once."""
    for step, seconds in ((signal.SIGINT, _STOP_SECONDS), (signal.SIGQUIT, 5)):
        process.send_signal(step)
        if processes.wait(process, seconds=seconds):
            return
    processes.kill_group(process)


def _try_start(layout: Layout) -> subprocess.Popen[bytes] | None:
    _forget_dead_server(layout)
    with open_log(layout, "postgres") as log:
        process = processes.spawn(
            [binaries.postgres("postgres"), "-D", layout.cluster],
            death_signal=signal.SIGINT,
            become=identity.step(),
            output=log,
        )
    deadline = time.monotonic() + _RECOVERY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if _pid_file(layout.cluster) == (process.pid, "ready"):
            return process
        time.sleep(0.02)
    processes.kill_group(process)
    return None


def _pid_file(folder: Path) -> tuple[int, str] | None:
    """Process and state as the server itself last wrote them."""
    with suppress(FileNotFoundError, IndexError, ValueError):
        lines = (folder / "postmaster.pid").read_text().splitlines()
        return int(lines[0]), lines[7].strip()
    return None


def _forget_dead_server(layout: Layout) -> None:
    """Remove lock files whose process is gone or is another program by now.

    PostgreSQL believes any process of that number, and after a reboot it is often somebody else's.
    """
    for file in (layout.cluster / "postmaster.pid", layout.sockets / ".s.PGSQL.5432.lock"):
        with suppress(FileNotFoundError, IndexError, ValueError):
            if not _serves(int(file.read_text().splitlines()[0]), layout.cluster):
                file.unlink()


def _serves(pid: int, folder: Path) -> bool:
    try:
        return os.fsencode(folder) in Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return False
