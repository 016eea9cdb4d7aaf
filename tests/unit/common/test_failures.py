"""An error is logged by its class and place: what it holds could be somebody's."""

import io
import json
import logging

import pytest
import structlog

from apps.memories import tasks
from memoryhub.celery import app

SECRET = "Ada drinks tea in secret"


@pytest.fixture
def written():
    """What goes to stderr, as the handler that is there formats it."""
    root, stream = logging.getLogger(), io.StringIO()
    [formatter] = {
        handler.formatter
        for handler in root.handlers
        if isinstance(handler.formatter, structlog.stdlib.ProcessorFormatter)
    }
    handler = logging.StreamHandler(stream)
    handler.setFormatter(formatter)
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def fail():
    text = SECRET
    try:
        json.loads(text)
    except ValueError as error:
        error.add_note(text)
        raise LookupError(text) from error


def check(line):
    assert SECRET not in line
    told = json.loads(line)
    assert (told["level"], told["error"]) == ("error", "LookupError")
    assert told["at"][-1].endswith(" fail")
    return told["event"]


def test_exception_that_a_library_logs(written):
    try:
        fail()
    except LookupError:
        logging.getLogger("some.library").exception("It failed.")

    assert check(written.getvalue()) == "It failed."


def test_task_that_fails(written, monkeypatch):
    monkeypatch.setattr(tasks.queue, "sweep_jobs", fail)

    app.tasks["memories.sweep_jobs"].apply()

    assert check(written.getvalue()) == "unhandled error"
