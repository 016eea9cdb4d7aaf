"""Counting in memory, and what becomes of it."""

from datetime import UTC, date, datetime

import pytest
import time_machine

from apps.telemetry import uses as module
from apps.telemetry.domain.counts import add_counts, report_finished_days
from apps.telemetry.domain.reports import telemetry
from apps.telemetry.enums import Feature, Place
from apps.telemetry.models import OutboxEvent, Tally
from apps.telemetry.uses import count_error, uses
from tests.support.telemetry import switch_on

TODAY, TOMORROW = datetime(2026, 11, 21, 12, tzinfo=UTC), date(2026, 11, 22)


@pytest.fixture
def clock(monkeypatch):
    """The process's own clock, a minute further at each look."""
    ticks = iter(range(0, 100_000, module.SECONDS))
    monkeypatch.setattr(module, "monotonic", lambda: next(ticks))


@pytest.fixture
def day():
    with time_machine.travel(TODAY, tick=False) as traveller:
        yield traveller


def tallies():
    return {(one.event, one.subject): one.count for one in Tally.objects.all()}


def reported():
    return {
        event.name: event.properties for event in OutboxEvent.objects.order_by("made_at", "name")
    }


def test_uses_are_added_up_by_the_day(turned_on, clock):
    uses.settle()
    for feature in (Feature.ADD, Feature.ADD, Feature.SEARCH):
        telemetry.capture_client_event(feature)
    uses.settle()
    telemetry.capture_client_event(Feature.ADD)
    uses.settle()

    assert tallies() == {("feature_use", "add"): 3, ("feature_use", "search"): 1}


def test_nothing_is_counted_before_telemetry_is_seen_on(turned_on, clock):
    telemetry.capture_client_event(Feature.ADD)
    uses.settle()
    uses.settle()

    assert tallies() == {}


def test_nothing_of_the_time_before_is_kept_when_telemetry_is_turned_on(db, configured, clock):
    uses.settle()
    telemetry.capture_client_event(Feature.ADD)
    switch_on()
    uses.settle()
    uses.settle()

    assert tallies() == {}


def test_what_was_counted_is_dropped_when_telemetry_is_turned_off(turned_on, clock):
    uses.settle()
    telemetry.capture_client_event(Feature.ADD)
    switch_on(is_on=False)
    uses.settle()
    telemetry.capture_client_event(Feature.ADD)
    switch_on()
    uses.settle()
    uses.settle()

    assert tallies() == {}


def test_what_was_counted_while_off_is_dropped_although_it_is_on_again(turned_on, clock):
    uses.settle()
    switch_on(is_on=False)
    telemetry.capture_client_event(Feature.ADD)
    switch_on()
    uses.settle()
    telemetry.capture_client_event(Feature.SEARCH)
    uses.settle()

    assert tallies() == {("feature_use", "search"): 1}


def test_within_a_minute_no_statement_is_made(turned_on, django_assert_num_queries):
    uses.settle()
    telemetry.capture_client_event(Feature.ADD)

    with django_assert_num_queries(0):
        uses.settle()


def test_where_the_environment_forbids_it_no_statement_is_ever_made(
    turned_on, configured, clock, django_assert_num_queries
):
    configured.TELEMETRY_SWITCHES |= {"DO_NOT_TRACK": False}

    with django_assert_num_queries(0):
        for _ in range(3):
            telemetry.capture_client_event(Feature.ADD)
            uses.settle()
            telemetry.capture_event("start", {})


def test_counting_makes_no_statement(turned_on, clock, django_assert_num_queries):
    uses.settle()

    with django_assert_num_queries(0):
        telemetry.capture_client_event(Feature.ADD)
        count_error(ValueError, Place.API)


def test_finished_day_becomes_one_report_of_use(turned_on, day):
    add_counts({("feature_use", "add"): 12, ("feature_use", "search"): 1_500})

    report_finished_days(today=TODAY.date())
    assert reported() == {}
    report_finished_days(today=TOMORROW)

    assert reported() == {
        "feature_use": dict.fromkeys(Feature.values, "0")
        | {"memoryhub_version": "0.1.0", "add": "10-99", "search": "1k-10k"}
    }
    assert OutboxEvent.objects.get().day == TODAY.date()
    assert tallies() == {}


def test_finished_day_becomes_a_report_for_each_class_of_error(turned_on, day, clock):
    uses.settle()
    for error in (KeyError, KeyError, type("ada@example.org", (Exception,), {})):
        count_error(error, Place.TASK)
    count_error(KeyError, Place.API)
    uses.settle()

    report_finished_days(today=TOMORROW)

    rows = [event.properties for event in OutboxEvent.objects.all()]
    assert sorted((row["place"], row["error"], row["count"]) for row in rows) == [
        ("api", "KeyError", "1-9"),
        ("task", "KeyError", "1-9"),
        ("task", "other", "1-9"),
    ]


def test_day_without_use_is_no_report(turned_on, day):
    report_finished_days(today=TOMORROW)

    assert reported() == {}


def test_days_are_reported_apart(turned_on, day):
    add_counts({("feature_use", "add"): 1})
    day.shift(24 * 3600)
    add_counts({("feature_use", "add"): 10})

    report_finished_days(today=date(2026, 11, 23))

    found = OutboxEvent.objects.order_by("day").values_list("day", "properties__add")
    assert list(found) == [(TODAY.date(), "1-9"), (TOMORROW, "10-99")]


def test_counts_of_a_day_are_not_reported_while_off(turned_on, day):
    add_counts({("feature_use", "add"): 1})
    switch_on(is_on=False)

    report_finished_days(today=TOMORROW)

    assert reported() == {}
