import signal

from memoryhub.embedded import processes


def test_child_heeds_the_signal_that_we_ignore():
    """A shell lets what it starts in the background ignore SIGQUIT, and children inherit that."""
    before = signal.signal(signal.SIGQUIT, signal.SIG_IGN)
    try:
        child = processes.spawn(["sleep", "60"], death_signal=signal.SIGQUIT)
    finally:
        signal.signal(signal.SIGQUIT, before)

    child.send_signal(signal.SIGQUIT)

    assert processes.wait(child, seconds=10)
    assert child.returncode == -signal.SIGQUIT
