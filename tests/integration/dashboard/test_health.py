"""GET /dashboard/health/"""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.operations.domain import vitals
from apps.operations.domain.vitals import Broker, Vitals, Waiting
from apps.operations.estimates import Database, Statement
from apps.tenants.enums import Role

URL = "/dashboard/health/"


@pytest.fixture
def found(monkeypatch):
    """What is found instead of how these tests are."""

    def find(**values):
        given = {
            "failed": (),
            "broker": Broker(True, 3, ("celery@one",)),
            "database": Database("17.2", 3_400_000_000, (), None),
            "jobs": Waiting(0, None),
            "scrub": Waiting(0, None),
            "scrubbed_at": None,
            "backed_up_at": timezone.now(),
        }
        monkeypatch.setattr(
            "apps.dashboard.views.health.read_vitals", lambda: Vitals(**given | values)
        )

    return find


def rows(browser):
    return {row.label: (row.state, row.words) for row in browser.get(URL).context["health"].rows}


def test_everything_in_order(browser, found):
    found()

    shown = rows(browser)

    assert shown.pop("Backup")[0] == "done"
    assert shown == {
        "Migrations": ("done", "in order"),
        "Row-level security": ("done", "in order"),
        "Master key": ("done", "in order"),
        "Restore": ("done", "in order"),
        "Queue": ("done", "3 messages waiting"),
        "Workers": ("done", "1 worker: celery@one"),
        "Database": ("done", "PostgreSQL 17.2, 3.4 GB"),
        "Indexes": ("done", "all valid"),
        "Jobs": ("done", "none is late"),
        "Scrub": ("done", "no erasure waits for it, none was made"),
    }


def test_what_failed_stands_first(browser, found):
    found(
        failed=("keys",),
        broker=Broker(is_up=False),
        database=Database("17.2", 0, ("memories_memory_time",), None),
        jobs=Waiting(2, None),
    )

    page = browser.get(URL)

    assert [(row.label, row.state) for row in page.context["health"].rows][:5] == [
        ("Master key", "failed"),
        ("Queue", "failed"),
        ("Indexes", "failed"),
        ("Jobs", "due"),
        ("Workers", "off"),
    ]
    assert "4 parts need you." in page.content.decode()


def test_nobody_works(browser, found):
    found(broker=Broker(is_up=True))

    assert rows(browser)["Workers"] == ("failed", "none answered within a second")


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        (None, ("due", "none was ever made")),
        (timedelta(days=8), ("due", "the last was begun")),
        (timedelta(days=6), ("done", "the last was begun")),
    ],
)
def test_backup(browser, found, age, expected):
    found(backed_up_at=age and timezone.now() - age)

    state, words = rows(browser)["Backup"]

    assert (state, words[: len(expected[1])]) == expected


@pytest.mark.parametrize(
    ("days", "expected"),
    [(1, ("waiting", "1 erasure to overwrite")), (3, ("due", "1 erasure to overwrite"))],
)
def test_scrub(browser, found, days, expected):
    now = timezone.now()
    found(scrub=Waiting(1, now - timedelta(days=days)), scrubbed_at=now - timedelta(days=9))

    state, words = rows(browser)["Scrub"]

    assert (state, words[: len(expected[1])]) == expected
    assert "; the last ended " in words


def test_slow_statements(browser, found):
    slowest = (Statement("SELECT $1", 12_000, 3.456),)
    found(database=Database("17.2", 0, (), slowest))

    page = browser.get(URL).content.decode()

    assert "SELECT $1" in page
    assert "12,000" in page
    assert "3.5" in page


def test_it_answers_without_a_queue(browser, monkeypatch):
    monkeypatch.setattr(vitals, "BROKER_SECONDS", 0.2)

    assert rows(browser)["Queue"][0] in {"done", "failed"}


def test_it_is_for_instance_owners(make_operator, sign_in):
    browser = sign_in(make_operator(role=Role.OWNER))

    assert browser.get(URL).status_code == 403
