"""Telling workers, by brokers that are there, away, or hang."""

import signal

import pytest
from celery import Celery
from django.conf import settings

from apps.common import sending
from apps.common.ids import uuid7
from memoryhub.celery import app
from tests.integration.server import free_port
from tests.support import workers


@pytest.fixture
def broker(tmp_path):
    process, url = workers.start_broker(tmp_path, "embedded")
    process.url = url
    yield process
    process.process.send_signal(signal.SIGCONT)
    process.kill()


@pytest.fixture
def connect(monkeypatch):
    """Use this broker, with the options of a web server."""
    monkeypatch.setattr(sending, "_silent_until", 0.0)

    def connect(url):
        ours = Celery(broker=url, set_as_current=False)
        ours.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS
        ours.conf.task_queues, ours.conf.task_routes = app.conf.task_queues, app.conf.task_routes
        ours.conf.task_default_queue = app.conf.task_default_queue
        monkeypatch.setattr(sending, "current_app", ours)
        return ours

    return connect


def test_task_waits_for_a_worker(broker, connect):
    connect(broker.url)
    workers.wait_for_broker(broker.url)

    assert sending.count_waiting() == 0
    assert sending.send("memories.run_job", tenant_id=uuid7(), job_id=uuid7())
    assert sending.count_waiting() == 1


def test_what_the_clock_sends_is_not_counted(broker, connect):
    connect(broker.url)
    workers.wait_for_broker(broker.url)

    assert sending.send("audit.seal_events")
    assert sending.count_waiting() == 0


def test_nothing_is_raised_where_no_broker_is(connect):
    connect(f"redis://127.0.0.1:{free_port()}/0")

    assert not sending.send("memories.run_job", tenant_id=uuid7(), job_id=uuid7())
    assert sending.count_waiting() is None


def test_after_a_failure_nothing_is_tried_for_a_while(connect, monkeypatch):
    ours = connect(f"redis://127.0.0.1:{free_port()}/0")
    sending.send("audit.seal_events")
    tried = []
    monkeypatch.setattr(ours, "send_task", lambda *given, **named: tried.append(given))

    assert not sending.send("audit.seal_events")
    monkeypatch.setattr(sending.time, "monotonic", lambda: sending._silent_until)
    assert sending.send("audit.seal_events")
    assert tried == [("audit.seal_events",)]


def test_broker_that_hangs_is_given_up(broker, connect):
    """Both where it hung before the first word and in the middle of a connection."""
    connect(broker.url)
    workers.wait_for_broker(broker.url)
    assert sending.send("audit.seal_events")
    broker.process.send_signal(signal.SIGSTOP)

    assert not sending.send("audit.seal_events")
    connect(broker.url)
    assert not sending.send("audit.seal_events")


def test_one_try_takes_a_second_at_most():
    options = settings.CELERY_BROKER_TRANSPORT_OPTIONS

    assert options["max_retries"] == 0
    assert max(options["socket_timeout"], options["socket_connect_timeout"]) <= 1
