"""One process that is started again when it dies."""

import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from memoryhub.embedded import processes

_LONGEST_PAUSE_SECONDS = 30
_STABLE_SECONDS = 30


class Child:
    """A program, the process that runs it, and when to start the next one."""

    def __init__(
        self,
        name: str,
        arguments: Sequence[str | Path],
        *,
        death_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.failures = 0
        self._arguments = arguments
        self._death_signal = death_signal
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = 0.0
        self._start_at = 0.0

    def tend(self) -> None:
        """Start it if it does not run. After a death that waits for a pause, each one longer."""
        now = time.monotonic()
        if self._process is not None and self._process.poll() is not None:
            self._bury(self._process, now)
        if self._process is None and now >= self._start_at:
            self._start(now)

    def stop(self) -> None:
        """Ask it to end; `await_end` waits."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)

    def await_end(self, *, seconds: float) -> None:
        """Wait for its end, then kill what is left of its session."""
        if self._process is not None:
            processes.wait(self._process, seconds=seconds)
            processes.kill_group(self._process)

    def _start(self, now: float) -> None:
        self._started_at = now
        self._process = processes.spawn(self._arguments, death_signal=self._death_signal)

    def _bury(self, process: subprocess.Popen[bytes], now: float) -> None:
        processes.kill_group(process)
        self._process = None
        self.failures = 1 if now - self._started_at > _STABLE_SECONDS else self.failures + 1
        pause = min(2 ** (self.failures - 1) / 2, _LONGEST_PAUSE_SECONDS)
        self._start_at = now + pause
        sys.stderr.write(
            f"{self.name} ended with code {process.returncode}; it starts again in {pause:g} s.\n",
        )
