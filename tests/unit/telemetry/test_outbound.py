"""The list of outbound hosts."""

from datetime import UTC, datetime

import pytest

from apps.common.ids import uuid7
from apps.telemetry import outbound as module
from apps.telemetry.domain.hosts import Calls, HostKey, add_calls
from apps.telemetry.enums import Purpose
from apps.telemetry.models import OutboundHost
from apps.telemetry.outbound import calling_for, ledger, note_call
from apps.telemetry.queries import list_hosts

ADA, BOB = uuid7(), uuid7()
FIRST, LATER = datetime(2026, 11, 21, 9, tzinfo=UTC), datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.fixture
def clock(monkeypatch):
    ticks = iter(range(100_000))
    monkeypatch.setattr(module, "monotonic", lambda: next(ticks))


def rows(hosts=None):
    hosts = OutboundHost.objects.all() if hosts is None else hosts
    return {(one.host, one.tenant_id): (one.calls, one.bytes_out) for one in hosts}


def test_calls_are_added_up_by_host_and_tenant(db, clock):
    with calling_for(ADA):
        note_call("api.example", Purpose.EMBEDDINGS, sent=10)
        note_call("api.example", Purpose.EMBEDDINGS, sent=5)
    with calling_for(BOB):
        note_call("api.example", Purpose.EMBEDDINGS, sent=7)
    note_call("api.example", Purpose.EMBEDDINGS, sent=1)
    ledger.settle()
    with calling_for(ADA):
        note_call("api.example", Purpose.EMBEDDINGS, sent=100)
    ledger.settle()

    assert rows() == {
        ("api.example", ADA): (3, 115),
        ("api.example", BOB): (1, 7),
        ("api.example", None): (1, 1),
    }


def test_first_and_last_call(db):
    key = HostKey("api.example", Purpose.EMBEDDINGS, ADA)
    for at in (FIRST, LATER):
        add_calls({key: Calls().add(1, at)})

    host = OutboundHost.objects.get()
    assert (host.first_call_at, host.last_call_at) == (FIRST, LATER)


def test_tenant_sees_its_own(db):
    for tenant in (ADA, BOB, None):
        add_calls({HostKey("api.example", Purpose.EMBEDDINGS, tenant): Calls().add(1, FIRST)})

    assert rows(list_hosts([ADA])) == {("api.example", ADA): (1, 1)}
    assert len(list_hosts()) == 3


def test_nothing_is_written_within_a_second(db, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(module, "monotonic", lambda: 7.0)
    note_call("api.example", Purpose.EMBEDDINGS, sent=1)
    ledger.settle()

    with django_assert_num_queries(0):
        note_call("api.example", Purpose.EMBEDDINGS, sent=1)
        ledger.settle()

    assert rows() == {("api.example", None): (1, 1)}


def test_without_calls_no_statement_is_made(db, clock, django_assert_num_queries):
    with django_assert_num_queries(0):
        ledger.settle()
