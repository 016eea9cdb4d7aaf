"""Starts and stops processes that end with us."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO

from memoryhub.embedded import kernel


def spawn(
    arguments: Sequence[str | Path],
    *,
    death_signal: signal.Signals = signal.SIGTERM,
    become: Callable[[], None] | None = None,
    output: int | IO[bytes] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a child in a session of its own that gets `death_signal` when this thread ends.

    Call it from the main thread: Linux sends the signal when the thread that forked ends.
    """
    parent = os.getpid()

    def prepare_child() -> None:
        if become is not None:
            become()
        signal.signal(death_signal, signal.SIG_DFL)  # `make up &` hands on that some are ignored
        kernel.die_with_parent(death_signal)
        if os.getppid() != parent:
            os._exit(1)

    return subprocess.Popen(  # noqa: S603 - arguments are our own
        arguments,
        preexec_fn=prepare_child,  # noqa: PLW1509 - forked from the main thread, no lock is held
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
    )


def wait(child: subprocess.Popen[bytes], *, seconds: float) -> bool:
    """Whether the child ended in time."""
    with contextlib.suppress(subprocess.TimeoutExpired):
        child.wait(seconds)
    return child.returncode is not None


def kill_group(child: subprocess.Popen[bytes]) -> None:
    """End what is left of the child's session at once."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()
