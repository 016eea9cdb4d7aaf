import os
import sys
from pathlib import Path

import pytest

from memoryhub.supervisor import child as module
from memoryhub.supervisor.child import Child
from tests.support.processes import wait_until


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(module, "time", clock)
    return clock


@pytest.fixture
def child():
    children = []

    def make(program: str) -> Child:
        children.append(Child("web", [sys.executable, "-c", program]))
        return children[-1]

    yield make
    for one in children:
        one.stop()
        one.await_end(seconds=5)


def await_death(one: Child) -> None:
    wait_until(lambda: one._process.poll() is not None)


def test_dead_child_starts_again_after_a_pause(child, clock, capsys):
    one = child("import sys; sys.exit(3)")
    one.tend()
    await_death(one)
    one.tend()
    assert capsys.readouterr().err == "web ended with code 3; it starts again in 0.5 s.\n"
    assert (one.failures, one._process) == (1, None)

    clock.now += 0.5
    one.tend()

    assert one._process is not None


def test_pauses_grow_and_shrink_after_a_stable_run(child, clock, capsys):
    one = child("raise SystemExit(1)")
    for _ in range(8):
        one.tend()
        await_death(one)
        one.tend()
        clock.now = one._start_at
    pauses = [line.split()[-2] for line in capsys.readouterr().err.splitlines()]
    assert pauses == ["0.5", "1", "2", "4", "8", "16", "30", "30"]

    one.tend()
    await_death(one)
    clock.now += 31
    one.tend()

    assert one.failures == 1


def test_what_a_dead_child_started_is_killed(child, tmp_path, capsys):
    pid_file = tmp_path / "pid"
    one = child(f"""
import pathlib, subprocess
pathlib.Path({str(pid_file)!r}).write_text(str(subprocess.Popen(["sleep", "600"]).pid))
raise SystemExit(1)
""")
    one.tend()
    await_death(one)
    grandchild = int(pid_file.read_text())
    os.kill(grandchild, 0)

    one.tend()

    wait_until(lambda: is_dead(grandchild))


def test_child_that_ignores_term_is_killed(child):
    one = child("import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)")
    one.tend()
    one.stop()

    one.await_end(seconds=0.1)

    assert one._process.returncode in {-9, -15}


def is_dead(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
    except OSError:
        return True
