"""What runs beside the database: broker, web server, two workers and beat."""

import os
import signal
import sys

from memoryhub.embedded import valkey
from memoryhub.embedded.layout import Layout
from memoryhub.supervisor.child import Child

# Set for every child. Options would part "celery -A memoryhub" from "worker" in `ps`.
ENVIRONMENT = {
    "CELERY_QUIET": "1",
    "PYTHONWARNINGS": "ignore:You're running the worker with superuser privileges",
}


def broker(layout: Layout) -> Child:
    return Child("broker", valkey.command(layout))


def web(host: str, port: int) -> Child:
    # The access log would hold raw paths; it is off unless asked for.
    return Child("web", [
        sys.executable, "-m", "granian", "memoryhub.wsgi:application",
        "--interface", "wsgi", "--host", host, "--port", str(port), "--no-ws",
        "--workers", os.environ.get("WEB_WORKERS", "2"),
        "--blocking-threads", os.environ.get("WEB_THREADS", "4"),
        "--log-level", "warning", "--respawn-failed-workers", "--workers-kill-timeout", "5s",
    ])  # fmt: skip


def worker() -> Child:
    """For what may take long."""
    processes = os.environ.get("WORKER_PROCESSES", "2")
    return _worker("worker", ["--queues", "celery", "--concurrency", processes])


def clock() -> Child:
    """For what must be done within seconds, in one process, so that long work never delays it."""
    return _worker("clock", ["--queues", "clock", "--pool", "solo"])


def _worker(name: str, options: list[str]) -> Child:
    named = ["--hostname", f"{name}@%h", "--without-mingle", "--without-gossip"]
    # At TERM the worker finishes its tasks; without a supervisor it drops them for the next worker.
    command = [*_CELERY, "worker", *options, *named]
    return Child(name, command, death_signal=signal.SIGQUIT)


def beat(layout: Layout) -> Child:
    return Child("beat", [*_CELERY, "beat", "--schedule", layout.run / "celerybeat-schedule"])


_CELERY = [sys.executable, "-m", "celery", "-A", "memoryhub"]
