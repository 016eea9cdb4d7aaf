"""What watches over the whole suite raises here. An alarm fails its test even if it is swallowed."""

from contextlib import contextmanager

heard = []


class Alarm(AssertionError):
    pass


def sound(message):
    heard.append(message)
    raise Alarm(message)


@contextmanager
def expected():
    """Alarms inside are handed out as a list, and fail nothing."""
    before = heard.copy()
    found = []
    try:
        yield found
    finally:
        found += heard[len(before) :]
        heard[:] = before
