"""What the installation reports, and when."""

import sys
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from apps.common.actor import SYSTEM
from apps.common.errors import Conflict
from apps.operations.domain import telemetry
from apps.operations.facts import read_heartbeat, read_machine
from apps.operations.previews import preview_all
from apps.operations.transparency import collect_everything
from apps.telemetry.catalogue import EVENTS
from apps.telemetry.domain import consent
from apps.telemetry.domain.counts import add_counts
from apps.telemetry.domain.sending import send_due
from apps.telemetry.models import OutboxEvent, TelemetryState
from apps.telemetry.payload import build_batch, build_body
from apps.telemetry.queries import read_state
from tests.support.telemetry import read_enabled, switch_on

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def day():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def waiting():
    return sorted(OutboxEvent.objects.values_list("name", flat=True))


def turn_on():
    consent.mark_notice_seen()
    telemetry.turn_on(by=SYSTEM)


def test_turning_on_reports_the_installation_and_a_heartbeat_at_once(db, configured, capture):
    turn_on()
    assert waiting() == ["heartbeat", "install"]

    send_due()

    [received] = capture.received
    assert [event["event"] for event in received.document["batch"]] == ["install", "heartbeat"]


def test_before_the_notice_it_is_refused(db, configured):
    with pytest.raises(Conflict):
        telemetry.turn_on(by=SYSTEM)

    assert waiting() == []


def test_turning_on_again_reports_nothing_new(db, configured):
    turn_on()
    turn_on()

    assert waiting() == ["heartbeat", "install"]


def test_turning_on_after_off_reports_again(db, configured):
    turn_on()
    consent.turn_off(by=SYSTEM)
    assert waiting() == []
    turn_on()

    assert waiting() == ["heartbeat", "install"]


@pytest.mark.parametrize("name", ["DO_NOT_TRACK", "MEM0_TELEMETRY"])
def test_own_switch_records_nothing_while_a_stronger_one_is_off(db, configured, name):
    configured.TELEMETRY_SWITCHES |= {name: False}
    turn_on()
    assert (read_enabled(), waiting()) == (False, [])

    configured.TELEMETRY_SWITCHES |= {name: None}
    telemetry.report_start()

    assert waiting() == ["heartbeat", "install", "start"]


def test_each_start_is_reported(turned_on):
    switch_on(is_installed=True)
    for _ in range(2):
        telemetry.report_start()

    assert waiting() == ["start", "start"]


def test_one_heartbeat_a_day(turned_on, day):
    for hours in (0, 1, 11, 13, 12):
        day.shift(timedelta(hours=hours))
        telemetry.report_use()

    days = OutboxEvent.objects.order_by("day").values_list("name", "day")
    assert list(days) == [
        ("heartbeat", NOON.date()),
        ("heartbeat", NOON.date() + timedelta(days=1)),
        ("heartbeat", NOON.date() + timedelta(days=2)),
    ]


def test_finished_days_are_reported(turned_on, day):
    add_counts({("feature_use", "add"): 1})
    telemetry.report_use()
    day.shift(timedelta(days=1))
    telemetry.report_use()

    assert waiting() == ["feature_use", "heartbeat", "heartbeat"]


def test_nothing_is_reported_while_off(db, configured):
    for report in (telemetry.report_start, telemetry.report_use):
        report()

    assert waiting() == []
    assert not TelemetryState.objects.filter(is_on=True).exists()


def test_facts_are_those_of_this_machine():
    machine = read_machine()

    assert EVENTS["install"].encode(machine) == machine | {
        "python_version": "{}.{}".format(*sys.version_info)
    }


def test_heartbeat_has_a_value_for_every_field(tenant, other_tenant):
    values = EVENTS["heartbeat"].encode(read_heartbeat())

    assert [name for name, value in values.items() if value is None] == []
    assert values["tenants"] == "1-9"


@pytest.mark.parametrize(
    ("embedder", "url", "kind"),
    [
        ("local", None, "local"),
        ("openai", None, "openai"),
        ("openai", "https://api.openai.com/v1", "openai"),
        ("openai", "https://zanzibar.example/v1", "openai_compatible"),
        ("openai", "http://127.0.0.1:8123/v1", "openai_compatible"),
    ],
)
def test_embedder_is_told_by_its_kind_alone(db, settings, embedder, url, kind):
    settings.EMBEDDER, settings.OPENAI_BASE_URL = embedder, url

    assert read_heartbeat()["embedder"] == kind


def test_heartbeat_costs_four_statements(tenant, django_assert_num_queries):
    with django_assert_num_queries(4):
        read_heartbeat()


def test_preview_is_what_is_sent(db, configured, capture):
    """Field for field; random ids and the time of sending apart."""
    consent.mark_notice_seen()
    shown = preview_all(read_state())
    telemetry.turn_on(by=SYSTEM)
    telemetry.report_start()
    events = {event.name: event for event in OutboxEvent.objects.all()}

    for name in ("install", "start", "heartbeat"):
        made = build_body(build_batch([events[name]], None))
        made["batch"][0]["uuid"] = shown[name]["batch"][0]["uuid"]
        assert made == shown[name]


def test_preview_shows_what_was_counted_today(turned_on, day):
    add_counts({("feature_use", "search"): 12, ("error", "api KeyError"): 1})

    shown = preview_all(read_state())

    use, error = (shown[name]["batch"][0]["properties"] for name in ("feature_use", "error"))
    assert (use["search"], use["add"]) == ("10-99", "0")
    assert (error["error"], error["place"], error["count"]) == ("KeyError", "api", "1-9")


def test_preview_records_nothing(turned_on):
    preview_all(read_state())

    assert waiting() == []


def test_everything_in_one_document(turned_on, capture):
    telemetry.report_start()
    send_due()
    telemetry.report_start()

    document = collect_everything()

    assert document.keys() == {"state", "catalogue", "preview", "waiting", "sent", "hosts"}
    assert [row["body"].encode() for row in document["sent"]] == capture.bodies
    assert [row["event"] for row in document["waiting"]] == ["start"]
    assert document["state"]["enabled"] is True
