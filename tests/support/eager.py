"""Tasks that run at once, in the process that sends them."""

from contextlib import contextmanager
from unittest import mock

from apps.common import sending
from memoryhub.celery import app


def run_task(name, kwargs, **_):
    app.loader.import_default_modules()
    app.tasks[name].run(**kwargs)


@contextmanager
def at_once():
    with mock.patch.object(sending.current_app, "send_task", run_task):
        yield
