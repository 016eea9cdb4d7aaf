"""Starts everything in order, watches it, and stops it in the opposite order."""

import os
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from memoryhub.embedded import processes
from memoryhub.embedded.command import DatabaseUser, database
from memoryhub.embedded.layout import LauncherError, Layout, data_dir, is_embedded, prepare
from memoryhub.embedded.locks import Lock
from memoryhub.supervisor import address, programs
from memoryhub.supervisor.child import Child

_READY_SECONDS = 60
_STOP_SECONDS = 10
_TOLERATED_DEATHS = 2  # of the web server before its first answer
_WATCH_SECONDS = 0.5


def run() -> None:
    """Run MemoryHub until an exception, such as Ctrl-C, ends it."""
    layout = prepare(data_dir())
    os.environ |= {**programs.ENVIRONMENT, "MEMORYHUB_DATA_DIR": str(layout.root)}
    host, port = address.read()
    with ExitStack() as stack:
        stack.enter_context(_alone(layout))
        address.require_free(host, port)
        user = stack.enter_context(database(layout)) if is_embedded("DATABASE_URL") else None
        broker = [programs.broker(layout)] if is_embedded("CELERY_BROKER_URL") else []
        stack.callback(_stop, broker)
        _tend(broker)
        _prepare_database()
        serving = [programs.web(host, port)]
        stack.callback(_stop, serving)
        _await_answer(serving[0], host, port)
        serving += [programs.worker(), programs.clock(), programs.beat(layout)]
        _tend(serving)
        sys.stdout.write(f"MemoryHub is ready at http://{host}:{port}\n")
        sys.stdout.flush()
        _watch([*broker, *serving], user)


def _watch(children: list[Child], user: DatabaseUser | None) -> None:
    while True:
        _tend(children)
        if user is not None:
            _tend_database(user)
        time.sleep(_WATCH_SECONDS)


def _tend_database(user: DatabaseUser) -> None:
    try:
        user.ensure_keeper()
    except LauncherError as error:
        sys.stderr.write(f"{error}\n")


@contextmanager
def _alone(layout: Layout) -> Iterator[None]:
    lock = Lock(layout.run / "supervisor.lock")
    if not lock.try_exclusive():
        raise LauncherError(f"MemoryHub already runs on the data folder {layout.root}.")
    try:
        yield
    finally:
        lock.release()


def _tend(children: list[Child]) -> None:
    for child in children:
        child.tend()


def _stop(children: list[Child]) -> None:
    for child in children:
        child.stop()
    deadline = time.monotonic() + _STOP_SECONDS
    for child in children:
        child.await_end(seconds=max(deadline - time.monotonic(), 0))


def _prepare_database() -> None:
    preparation = processes.spawn([sys.executable, "-m", "memoryhub.supervisor.prepare"])
    try:
        code = preparation.wait()
    finally:
        processes.kill_group(preparation)
    if code != 0:
        sys.exit(1)  # it has said why


def _await_answer(web: Child, host: str, port: int) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    web.tend()
    while not address.answers(host, port):
        web.tend()
        if web.failures > _TOLERATED_DEATHS or time.monotonic() > deadline:
            raise LauncherError("The web server does not start: the reason stands above.")
        time.sleep(0.1)
