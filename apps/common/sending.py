"""Telling a worker of something. The queue carries ids, and may lose them: rows say what is due."""

import time
from uuid import UUID

from celery import current_app
from kombu.exceptions import OperationalError

SILENCE = 5.0  # seconds after a failure in which nothing is sent: a broker may hang, not only end
QUEUE = "celery"  # of all that may take long
CLOCK_QUEUE = "clock"  # of what must be done within seconds: sealing, sweeping

_silent_until = 0.0  # of this process


def send(task: str, **ids: UUID) -> bool:
    """False where the broker can't be reached, after a second at most. Raises nothing."""
    global _silent_until  # noqa: PLW0603 - nobody must wait for a broker again and again
    if time.monotonic() < _silent_until:
        return False
    try:
        current_app.send_task(
            task, kwargs={name: str(id_) for name, id_ in ids.items()}, retry=False
        )
    except OperationalError:
        _silent_until = time.monotonic() + SILENCE
        return False
    return True


def count_waiting() -> int | None:
    """How many tasks no worker has taken yet; None where the broker can't be reached."""
    with current_app.pool.acquire(block=True) as broker:
        try:
            return int(broker.default_channel.queue_declare(QUEUE).message_count)
        except (OperationalError, *broker.connection_errors):
            return None
