"""What counts tries at signing in."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache

from apps.accounts.domain.tallies import clear_tallies
from apps.accounts.models import Operator, Tally

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
KEY = "login_failed:ip:203.0.113.77"

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    def at(seconds):
        return time_machine.travel(NOON + timedelta(seconds=seconds), tick=False)

    return at


def test_it_is_what_django_calls_the_cache(settings):
    assert settings.CACHES == {"default": {"BACKEND": "apps.accounts.tallies.TallyCache"}}


def test_kept_value_is_read_until_it_ends(at):
    with at(0):
        cache.set(KEY, [2.5, 1.5], 60)

    with at(59):
        assert cache.get(KEY) == [2.5, 1.5]
    with at(60):
        assert cache.get(KEY, "gone") == "gone"


def test_value_is_replaced(at):
    with at(0):
        cache.set(KEY, [1], 60)
        cache.set(KEY, [2], 60)

        assert (cache.get(KEY), Tally.objects.count()) == ([2], 1)


def test_only_one_adds_until_it_ends(at):
    found = []
    for seconds in (0, 9, 10):
        with at(seconds):
            found.append(cache.add(KEY, True, 10))

    assert found == [True, False, True]


def test_delete_and_touch_say_whether_there_was_one(at):
    with at(0):
        assert (cache.delete(KEY), cache.touch(KEY, 5)) == (False, False)
        cache.set(KEY, 1, 10)
        assert cache.touch(KEY, 100)
    with at(50):
        assert cache.get(KEY) == 1
        assert cache.delete(KEY)
        assert cache.get(KEY) is None


def test_value_without_an_end_stays(at):
    with at(0):
        cache.set(KEY, 1, None)

    with at(10**9):
        assert cache.get(KEY) == 1


def test_other_keys_are_other_values():
    cache.set(KEY, 1)

    assert cache.get(KEY + "8") is None


def test_who_tried_is_not_readable():
    cache.set(KEY, [1.0])

    [(key, value)] = Tally.objects.values_list("key", "value")
    assert (re.fullmatch("[0-9a-f]{64}", key) is not None, value) == (True, [1.0])


def test_clear_empties():
    cache.set(KEY, 1)
    cache.clear()

    assert Tally.objects.count() == 0


def test_what_counts_no_longer_is_removed(at):
    with at(0):
        cache.set("old", 1, 10)
        cache.set("live", 1, 1000)

    with at(100):
        clear_tallies()

        assert (cache.get("live"), Tally.objects.count()) == (1, 1)


def test_what_was_noted_of_ended_sessions_is_removed(at):
    operator = Operator.objects.create(email="ada@halden.example")
    Session.objects.create(session_key="live", expire_date=NOON)
    for key in ("live", "ended"):
        UserSession.objects.create(user=operator, session_key=key, ip="203.0.113.77")

    clear_tallies()

    assert [one.session_key for one in UserSession.objects.filter(user=operator)] == ["live"]
