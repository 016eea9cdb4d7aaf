"""A web server, a worker and a broker that run, with a PostHog on loopback that may misbehave."""

import subprocess
import sys
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import httpx
import pytest
from celery import Celery
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from apps.accounts.models import Operator
from apps.common.actor import SYSTEM
from apps.telemetry.models import OutboxEvent, SentReport, TelemetryState
from apps.telemetry.payload import make_event
from apps.tenants.domain.operators import create_operator
from apps.tenants.enums import Role
from memoryhub.embedded import processes, valkey
from memoryhub.embedded.layout import PROJECT, prepare
from tests.integration.server import environment, make_server, serve
from tests.support.capture import GARBAGE, HANG, Capture, capturing
from tests.support.committed import committing
from tests.support.processes import wait_until
from tests.support.telemetry import forget_telemetry, switch_on


@dataclass
class Running:
    url: str
    key: str
    operator: Operator
    capture: Capture
    tasks: Celery

    def add(self, text: str) -> int:
        body = {"messages": [{"role": "user", "content": text}], "user_id": "ada", "infer": False}
        headers = {"Authorization": f"Token {self.key}"}
        path = f"{self.url}/v3/memories/add/"
        return httpx.post(path, json=body, headers=headers, timeout=60).status_code

    def browse(self) -> httpx.Client:
        """A browser that is signed in, as the instance's owner."""
        client = Client()
        client.force_login(self.operator)
        cookies = {"sessionid": client.cookies["sessionid"].value}
        return httpx.Client(base_url=self.url, cookies=cookies, timeout=60)


@contextmanager
def broker(folder):
    layout = prepare(folder)
    process = processes.spawn(valkey.command(layout))
    wait_until(valkey.socket(layout).exists)
    yield valkey.url(folder)
    processes.kill_group(process)


@contextmanager
def worker(variables):
    """Two processes, as shipped. Its start is the first report that waits."""
    command = [sys.executable, "-m", "celery", "-A", "memoryhub", "worker", "--concurrency", "2"]
    process = subprocess.Popen(command, cwd=PROJECT, env=environment() | variables)
    try:
        wait_until(lambda: OutboxEvent.objects.filter(name="start").exists())
        yield
    finally:
        process.terminate()
        process.wait(30)


def make_owner(tenant):
    return create_operator(
        email=f"owner-{uuid.uuid4().hex[:8]}@halden.example",
        password="a long pass phrase, not a word",
        tenant=tenant,
        role=Role.OWNER,
        is_instance_owner=True,
        by=SYSTEM,
    )


@pytest.fixture(scope="module")
def running(django_db_setup, django_db_blocker, tmp_path_factory):
    log = tmp_path_factory.mktemp("server") / "log"
    with committing(django_db_blocker), capturing() as capture:
        forget_telemetry()
        switch_on()
        with broker(tmp_path_factory.mktemp("broker")) as broker_url:
            variables = {
                "CELERY_BROKER_URL": broker_url,
                "POSTHOG_PROJECT_KEY": "phc_test",
                "POSTHOG_HOST": capture.url,
            }
            with worker(variables), serve(log, **variables) as url:
                server = make_server(url, django_db_blocker)
                tasks = Celery(broker=broker_url)
                yield Running(url, server.key, make_owner(server.tenant), capture, tasks)
                tasks.close()
        forget_telemetry()


@pytest.fixture(autouse=True)
def fresh(running):
    forget_telemetry()
    switch_on()
    running.capture.answer = 200
    running.capture.received.clear()
    assert running.add("I drink tea.") == 200  # the model is loaded


def plant():
    """A report that is due, by whatever way it came there."""
    make_event("start", {"os": "linux"}).save(force_insert=True)


def send(running):
    running.tasks.send_task("telemetry.send")


def outcomes():
    return list(SentReport.objects.order_by("id").values_list("outcome", flat=True))


def press(browser, to):
    """As the page's own form does."""
    page = browser.get("/dashboard/telemetry/")
    browser.headers["X-CSRFToken"] = page.cookies["csrftoken"]
    return browser.post("/dashboard/telemetry/switch/", data={"to": to}).status_code


def test_turned_off_on_the_page_nothing_more_arrives(running):
    for count in range(1, 4):
        plant()
        send(running)
        wait_until(lambda count=count: outcomes() == ["delivered"] * count)
    plant()

    with running.browse() as browser:
        assert press(browser, "off") == 302

    assert OutboxEvent.objects.count() == 0
    arrived = len(running.capture.received)
    for _ in range(5):
        plant()
        send(running)
        wait_until(lambda: not OutboxEvent.objects.exists())  # the worker has emptied it
        assert running.add("I like rain.") == 200
    assert len(running.capture.received) == arrived
    assert outcomes() == ["delivered"] * arrived


def test_turned_on_again_it_is_heard(running):
    switch_on(is_on=False, decided_at=timezone.now())
    with running.browse() as browser:
        assert press(browser, "on") == 302
    send(running)

    wait_until(lambda: outcomes() == ["delivered"])

    [received] = running.capture.received
    assert [event["event"] for event in received.document["batch"]] == ["install", "heartbeat"]
    assert bytes(SentReport.objects.get().body) == received.body


def test_while_posthog_hangs_requests_and_tasks_go_on(running):
    """Both are done while the call still waits for its answer."""
    running.capture.answer = HANG
    Session.objects.create(session_key=uuid.uuid4().hex, expire_date=yesterday())
    plant()
    send(running)
    wait_until(lambda: running.capture.received)

    assert running.add("I sail.") == 200
    running.tasks.send_task("operations.clear_sessions")
    wait_until(lambda: not Session.objects.filter(expire_date__lte=yesterday()).exists())

    assert outcomes() == ["sending"]
    wait_until(lambda: outcomes() == ["retried"])
    assert SentReport.objects.get().status == "timeout"


def yesterday():
    return timezone.now() - timedelta(days=1)


@pytest.mark.parametrize(
    ("answer", "status"), [(500, 500), (GARBAGE, "no_answer"), (b"", "no_answer")]
)
def test_posthog_that_fails_is_visible_and_disturbs_nobody(running, answer, status):
    running.capture.answer = answer
    plant()
    send(running)
    wait_until(lambda: outcomes() == ["retried"])

    assert SentReport.objects.get().status == status
    assert OutboxEvent.objects.get().attempts == 1
    assert running.add("I ski.") == 200
    with running.browse() as browser:
        assert f"{status}".replace("_", " ") in browser.get("/dashboard/telemetry/").text


def test_install_id_is_made_by_the_worker(running):
    plant()
    send(running)
    wait_until(lambda: outcomes() == ["delivered"])

    known = str(TelemetryState.objects.get().install_id)
    assert running.capture.received[0].document["batch"][0]["distinct_id"] == known
