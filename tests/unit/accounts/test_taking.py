"""Counting up to a limit: of requests, where no Redis counts them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import connection

from apps.accounts.domain.tallies import take

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def at():
    def at(seconds):
        return time_machine.travel(NOON + timedelta(seconds=seconds), tick=False)

    return at


def test_so_many_are_taken_and_no_more_until_it_ends(db, at):
    with at(0):
        assert [take({"ada": 2}, seconds=60) for _ in range(3)] == [
            (True, [(1, 60)]),
            (True, [(2, 60)]),
            (False, [(2, 60)]),
        ]
    with at(59):
        assert take({"ada": 2}, seconds=60) == (False, [(2, 1)])
    with at(60):
        assert take({"ada": 2}, seconds=60) == (True, [(1, 60)])


def test_what_is_refused_counts_for_none(db, at):
    with at(0):
        assert take({"ada": 1, "bob": 5}, seconds=60) == (True, [(1, 60), (1, 60)])
        assert take({"ada": 1, "bob": 5}, seconds=60) == (False, [(1, 60), (1, 60)])
        assert take({"bob": 5}, seconds=60) == (True, [(2, 60)])


def test_taking_costs_the_same_statements_every_time(db, django_assert_num_queries):
    for _ in range(2):
        with django_assert_num_queries(6):  # two are the transaction's
            take({"ada": 5, "bob": 5}, seconds=60)


def test_many_at_once_take_no_more_than_there_are(committed_db):
    def ask(_):
        try:
            return take({"ada": 20, "bob": 100}, seconds=60)[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(ask, range(60)))

    assert sum(taken) == 20
