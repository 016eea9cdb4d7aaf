"""What runs on a data folder, and waiting for it."""

import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path


def living(data_dir: Path) -> dict[int, str]:
    """Command lines, by process, of everything that carries the data folder."""
    found = {}
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            command = (process / "cmdline").read_bytes()
            if bytes(data_dir) in command + (process / "environ").read_bytes():
                found[int(process.name)] = command.replace(b"\0", b" ").decode().strip()
    return {pid: command for pid, command in found.items() if command}


def find(data_dir: Path, text: str) -> int:
    """The oldest process of the data folder whose command line contains the text."""
    return min(pid for pid, command in living(data_dir).items() if text in command)


def wait_until(condition: Callable[[], object], *, seconds: float = 60) -> None:
    """Return once the condition holds. The limit only keeps a broken run from hanging."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{condition} did not come true in {seconds} s"
        time.sleep(0.05)
