"""When counts are written: after answers and tasks, whatever happens."""

from contextlib import suppress

import pytest
from celery.signals import task_failure, task_postrun
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.test import Client

from apps.telemetry import receivers
from apps.telemetry.enums import Purpose
from apps.telemetry.models import OutboundHost
from apps.telemetry.outbound import note_call


def answer():
    Client().get("/healthz")


def end_task():
    task_postrun.send(sender=None)


@pytest.mark.parametrize("end", [answer, end_task])
def test_counts_are_written_after(db, end):
    note_call("api.example", Purpose.EMBEDDINGS, sent=3)

    end()

    assert OutboundHost.objects.get().bytes_out == 3


def test_database_that_is_gone_disturbs_nobody(db, monkeypatch):
    def fail():
        raise OperationalError

    monkeypatch.setattr(receivers.ledger, "settle", fail)

    answer()


@pytest.fixture
def counted(monkeypatch):
    found = []
    monkeypatch.setattr(receivers, "count_error", lambda error, place: found.append((error, place)))
    return found


def test_failed_page_is_counted(counted):
    with suppress(LookupError):
        try:
            {}["zanzibar"]
        finally:
            got_request_exception.send(sender=None)

    assert counted == [(KeyError, "dashboard")]


def test_failed_task_is_counted(counted):
    task_failure.send(sender=None, exception=LookupError("zanzibar"))

    assert counted == [(LookupError, "task")]
