"""Sending to a PostHog on loopback: what arrives, what is kept, what is tried again."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.common.actor import SYSTEM
from apps.telemetry import wire
from apps.telemetry.catalogue import EVENTS
from apps.telemetry.domain import consent, sending
from apps.telemetry.domain.reports import telemetry
from apps.telemetry.domain.sending import forget_old_reports, send_due
from apps.telemetry.models import OutboxEvent, SentReport, TelemetryState
from apps.telemetry.payload import build_batch, build_body
from apps.telemetry.verifying import find_problems
from tests.support.capture import GARBAGE, HANG, capturing, redirect
from tests.support.telemetry import PROJECT_KEY, switch_on

VALUES = {"os": "linux", "memoryhub_version": "0.1.0"}


@pytest.fixture
def report(turned_on):
    telemetry.capture_event("start", VALUES)
    return OutboxEvent.objects.get()


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(wire, "READ_SECONDS", 0.3)


def kept():
    return [(one.status, one.outcome, one.attempt) for one in SentReport.objects.order_by("id")]


def test_bytes_that_arrive_are_those_in_the_log_and_of_the_hash(report, capture):
    [sent] = send_due()

    [body] = capture.bodies
    logged = SentReport.objects.get()
    assert bytes(logged.body) == body == bytes(sent.body)
    assert logged.sha256 == hashlib.sha256(body).hexdigest()
    assert (logged.http_status, logged.outcome, logged.events) == (200, "delivered", ["start"])
    assert find_problems() == []


def test_wire_contract(report, capture):
    """Literally, so that an SDK that adds or renames something fails here."""
    [sent] = send_due()

    [received] = capture.received
    document = received.document
    assert received.line == "POST /batch/ HTTP/1.1"
    assert received.headers == {
        "Host": f"127.0.0.1:{capture.port}",
        "Accept-Encoding": "identity",
        "Content-Type": "application/json",
        "Content-Length": str(len(received.body)),
        "User-Agent": "posthog-python/7.91.1",
    }
    assert document == {
        "batch": [
            {
                "event": "start",
                "distinct_id": str(TelemetryState.objects.get().install_id),
                "uuid": str(report.id),
                "timestamp": f"{report.day}T00:00:00+00:00",
                "properties": {
                    "memoryhub_version": "0.1.0",
                    "python_version": None,
                    "os": "linux",
                    "architecture": None,
                    "$ip": "0.0.0.0",
                    "$geoip_disable": True,
                },
            }
        ],
        "historical_migration": False,
        "sent_at": document["sent_at"],
        "api_key": PROJECT_KEY,
    }
    assert datetime.fromisoformat(document["sent_at"]).tzinfo == UTC


def test_bytes_are_the_payload_of_the_page_but_for_the_time_of_sending(report, capture):
    send_due()

    [body] = capture.bodies
    state = TelemetryState.objects.get()
    shown = build_body(build_batch([report], state.install_id), sent_at=json.loads(body)["sent_at"])
    assert json.dumps(shown).encode() == body


def add_to_call(monkeypatch, **extra):
    post = wire.batch_post
    monkeypatch.setattr(wire, "batch_post", lambda *args, **kw: post(*args, **kw | extra))


def add_header(monkeypatch, name):
    prepare = wire.requests.Session.prepare_request

    def prepared(self, request):
        request.headers[name] = "value"
        return prepare(self, request)

    monkeypatch.setattr(wire.requests.Session, "prepare_request", prepared)


CHANGES = {
    "a new key": lambda patch: add_to_call(patch, device="zanzibar"),
    "compression": lambda patch: add_to_call(patch, gzip=True),
    "another path": lambda patch: add_to_call(patch, path="/i/v1/"),
    "another header": lambda patch: add_header(patch, "X-Machine"),
    "a key in an event": lambda patch: patch.setattr(
        "posthog.request.json.dumps",
        lambda document, dumps=json.dumps, **kw: dumps(
            document | {"batch": [{"host": "zanzibar"}]}, **kw
        ),
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_sdk_that_changes_the_wire_sends_nothing(report, capture, monkeypatch, change):
    change(monkeypatch)

    send_due()

    assert capture.received == []
    assert kept() == [("changed_wire", "retried", 1)]


def test_nothing_of_the_environment_changes_the_call(report, capture, monkeypatch, tmp_path):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ada password zanzibar")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("POSTHOG_CAPTURE_MODE", "POSTHOG_CAPTURE_COMPRESSION", "POSTHOG_RELEASE_ID"):
        monkeypatch.setenv(name, "v1")

    send_due()

    assert kept() == [(200, "delivered", 1)]
    assert "Authorization" not in capture.received[0].headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(report, capture, status):
    with capturing() as elsewhere:
        capture.answer = redirect(elsewhere.url + "/batch/", status)

        send_due()

        assert elsewhere.received == []
    assert len(capture.received) == 1
    assert kept() == [(status, "retried", 1)]


@pytest.mark.parametrize("status", [500, 502, 503, 429, 408])
def test_answer_that_may_change_is_tried_again(report, capture, status):
    capture.answer = status

    send_due()

    assert kept() == [(status, "retried", 1)]
    assert OutboxEvent.objects.get().due_at > timezone.now()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413])
def test_answer_that_will_not_change_drops_the_reports(report, capture, status):
    capture.answer = status

    send_due()

    assert kept() == [(status, "dropped", 1)]
    assert not OutboxEvent.objects.exists()


@pytest.mark.parametrize(
    ("answer", "status"),
    [
        (HANG, "timeout"),
        (GARBAGE, "no_answer"),
        (b"", "no_answer"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\ngarbage", 200),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\ngarbage", 200),
        (b"HTTP/1.1 500 No\r\nContent-Length: 99999\r\n\r\ngarbage", 500),
    ],
)
def test_whatever_is_answered_has_a_visible_status(report, capture, quick, answer, status):
    capture.answer = answer

    send_due()

    outcome = "delivered" if status == 200 else "retried"
    assert kept() == [(status, outcome, 1)]
    assert OutboxEvent.objects.exists() == (outcome == "retried")


def test_nobody_listens(report, configured):
    configured.POSTHOG_HOST = "http://127.0.0.1:9"

    send_due()

    assert kept() == [("no_answer", "retried", 1)]


def test_waits_grow_until_the_report_is_dropped(turned_on, capture):
    capture.answer = 500
    waits, start = [], datetime(2026, 11, 21, 12, tzinfo=UTC)
    with time_machine.travel(start, tick=False) as clock:
        telemetry.capture_event("start", VALUES)
        while event := OutboxEvent.objects.first():
            clock.move_to(event.due_at)
            waits.append(event.due_at - start)
            send_due()

    assert [round(wait.total_seconds() / 60) for wait in waits] == [
        0, 1, 3, 7, 15, 31, 63, 127, 255, 495, 735, 975, 1215, 1455,
    ]  # fmt: skip
    assert [outcome for _, outcome, _ in kept()] == ["retried"] * 13 + ["dropped"]
    assert [attempt for *_, attempt in kept()] == list(range(1, 15))
    assert find_problems() == []


def test_a_repeat_has_the_same_uuid(report, capture):
    capture.answer = 500
    send_due()
    OutboxEvent.objects.update(due_at=timezone.now())
    capture.answer = 200

    send_due()

    first, second = (one.document["batch"][0]["uuid"] for one in capture.received)
    assert first == second == str(report.id)


def test_reports_of_one_age_go_in_one_call(turned_on, capture):
    capture.answer = 500
    telemetry.capture_event("start", VALUES)
    send_due()
    OutboxEvent.objects.update(due_at=timezone.now())
    for name in ("install", "start"):
        telemetry.capture_event(name, VALUES)
    capture.answer = 200

    send_due()

    names = [[event["event"] for event in one.document["batch"]] for one in capture.received]
    assert names == [["start"], ["install", "start"], ["start"]]
    assert not OutboxEvent.objects.exists()


def test_a_failure_ends_the_round(turned_on, capture, monkeypatch):
    monkeypatch.setattr(sending, "BATCH", 1)
    capture.answer = 500
    for _ in range(3):
        telemetry.capture_event("start", VALUES)

    send_due()

    assert len(capture.received) == 1


def test_what_is_not_due_waits(report, capture):
    OutboxEvent.objects.update(due_at=timezone.now() + timedelta(minutes=1))

    assert send_due() == []
    assert capture.received == []


def test_event_of_a_catalogue_that_is_gone_waits(report, capture):
    OutboxEvent.objects.update(name="forgotten")

    assert send_due() == []
    assert capture.received == []


def test_only_fields_of_the_catalogue_leave(report, capture):
    OutboxEvent.objects.update(properties={"os": "linux", "note": "zanzibar"})

    send_due()

    [event] = capture.received[0].document["batch"]
    assert event["properties"].keys() == {*EVENTS["start"].fields, "$ip", "$geoip_disable"}


def test_off_sends_nothing_and_empties_the_outbox(report, capture):
    switch_on(is_on=False)

    assert send_due() == []
    assert (capture.received, OutboxEvent.objects.count()) == ([], 0)


@pytest.mark.parametrize("name", ["DO_NOT_TRACK", "MEMORYHUB_TELEMETRY"])
def test_variable_empties_the_outbox_too(report, capture, configured, name):
    configured.TELEMETRY_SWITCHES |= {name: False}

    assert send_due() == []
    assert (capture.received, OutboxEvent.objects.count()) == ([], 0)


def decide_before_the_bytes_leave(monkeypatch, decision):
    """In the last moment, when everything is ready."""
    send = wire._PinnedAdapter.send

    def late(self, *args, **kwargs):
        decision()
        return send(self, *args, **kwargs)

    monkeypatch.setattr(wire._PinnedAdapter, "send", late)


@pytest.mark.parametrize("decide", [consent.turn_off, consent.rotate_install_id])
def test_decision_in_the_last_moment_is_obeyed(report, capture, monkeypatch, decide):
    switch_on(install_id=report.id)
    decide_before_the_bytes_leave(monkeypatch, lambda: decide(by=SYSTEM))

    assert send_due() == []
    assert (capture.received, SentReport.objects.count()) == ([], 0)


def test_install_id_is_made_at_the_first_send_and_stays(report, capture):
    assert TelemetryState.objects.get().install_id is None
    send_due()
    telemetry.capture_event("start", VALUES)
    send_due()

    first, second = (one.document["batch"][0]["distinct_id"] for one in capture.received)
    assert first == second == str(TelemetryState.objects.get().install_id)


def test_rotated_id_is_another(report, capture):
    send_due()
    consent.rotate_install_id(by=SYSTEM)
    telemetry.capture_event("start", VALUES)
    send_due()

    first, second = (one.document["batch"][0]["distinct_id"] for one in capture.received)
    assert first != second


@pytest.mark.parametrize("answer", [200, 404])
def test_telemetry_is_off_once_the_deletion_is_settled(report, capture, answer):
    send_due()
    known = TelemetryState.objects.get().install_id
    consent.delete_data(by=SYSTEM)
    capture.answer = answer

    send_due()

    state = TelemetryState.objects.get()
    [event] = capture.received[-1].document["batch"]
    assert (event["event"], event["distinct_id"]) == ("deletion", str(known))
    assert (state.is_on, state.is_leaving, state.install_id) == (False, False, None)


def test_deletion_that_did_not_arrive_is_tried_again(report, capture):
    send_due()
    consent.delete_data(by=SYSTEM)
    capture.answer = 500

    send_due()

    state = TelemetryState.objects.get()
    assert (state.is_on, state.is_leaving) == (True, True)
    assert OutboxEvent.objects.get().name == "deletion"


def test_log_forgets_after_60_days(report, capture):
    send_due()
    for days, left in ((59, 1), (61, 0)):
        with time_machine.travel(timezone.now() + timedelta(days=days)):
            forget_old_reports()
        assert SentReport.objects.count() == left


def test_bytes_are_in_the_log_before_they_leave(report, capture, monkeypatch):
    """A process that is killed during the call leaves a line that says so."""

    def die(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr(wire.HTTPAdapter, "send", die)
    with pytest.raises(KeyboardInterrupt):
        send_due()

    assert kept() == [("sending", "sending", 1)]
    assert OutboxEvent.objects.count() == 1


def test_fault_of_the_sdk_has_a_status(report, capture, monkeypatch):
    def fail(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(wire.HTTPAdapter, "send", fail)
    send_due()

    assert kept() == [("fault", "retried", 1)]


def test_fault_before_there_are_bytes_has_a_status_too(report, capture, monkeypatch):
    def fail(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(wire, "batch_post", fail)
    send_due()

    assert kept() == [("fault", "retried", 1)]
    assert bytes(SentReport.objects.get().body) == b""
    assert find_problems() == []
