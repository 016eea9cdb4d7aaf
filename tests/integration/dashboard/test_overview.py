"""GET /dashboard/"""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.memories.enums import EntityKind
from apps.memories.usage import Use
from apps.operations.domain.rollups import measure_tenant, write_counts
from apps.operations.models import HourlyCount
from apps.privacy.domain.requests import open_request
from apps.privacy.domain.values import NewRequest
from apps.privacy.enums import RequestKind, Via
from apps.privacy.models import Request
from apps.tenants.enums import Role


def figures(page):
    return {figure.label: figure.value for figure in page.figures}


def look(browser, query=""):
    return browser.get(f"/dashboard/{query}").context["overview"]


@pytest.fixture
def now():
    return timezone.now()


@pytest.fixture
def count(tenant):
    """What the processes counted so many hours ago."""

    def write(hours, **counts):
        hour = timezone.now().replace(minute=0, second=0, microsecond=0) - timedelta(hours=hours)
        times = counts.pop("times", {})
        uses = {Use(name): number for name, number in counts.items()}
        write_counts({(tenant.id, hour): uses | times})

    return write


def test_empty_tenant_says_how_to_connect(browser, tenant):
    answer = browser.get("/dashboard/")

    assert answer.status_code == 200
    page = answer.content.decode()
    assert "No memories yet" in page
    assert "manage.py create_api_key --tenant harbour --name my-app" in page
    assert "Adds and searches per" not in page
    assert "Not counted yet" in page


def test_figures_come_from_the_counts(browser, store, count, tenant):
    store.add("I like tea.", "My dog is Biscuit.")
    store.add("The run began.", agent_id="planner", run_id="r1")
    count(1, adds=3, searches=20, deletes=1, times={4: 10, 20: 10})
    count(200, adds=7)  # before the range
    measure_tenant(tenant.id)

    found = figures(look(browser))

    assert found.pop("Storage") != "not known"
    assert found == {
        "Memories": "3",
        "Entities": "3",
        "Adds": "3",
        "Searches": "20",
        "Search time p50 / p95": "2 / 32",
    }


def test_what_was_not_measured_is_not_known(browser, store):
    store.add("I like tea.")

    found = figures(look(browser))

    assert found["Memories"] == found["Entities"] == found["Storage"] == "not known"
    assert found["Search time p50 / p95"] == "none"


def test_intervals_hold_what_was_counted_in_them(browser, store, count, now):
    store.add("I like tea.")
    count(0, adds=2, searches=1)
    count(3, adds=5)

    _, use, times, jobs = look(browser, "?range=24h").charts

    counts = [piece.words for slot in use.chart.slots for piece in slot.lines[1:]]
    assert counts[-2:] == ["1 searches", "2 adds"]
    assert counts[-8:-6] == ["0 searches", "5 adds"]
    assert sum(line != "0 adds" for line in counts[1::2]) == 2
    assert use.chart.slots[-1].is_unfinished is True
    assert times.chart.finding == "Search time: no searches"
    assert jobs.chart.finding == "Jobs: 0 done, 0 failed"


def test_stock_goes_on_where_nobody_looked(browser, store, tenant, time_machine):
    store.add("I like tea.")
    measure_tenant(tenant.id)
    time_machine.move_to(timezone.now() + timedelta(hours=3))

    kept = look(browser, "?range=24h&table=kept").charts[0]

    assert [row.cells for row in kept.rows] == [("not known",)] * 20 + [("1",)] * 4


def test_stock_of_before_the_range_is_known(browser, store, tenant, now):
    store.add("I like tea.")
    with tenant_scope(tenant.id):
        then = now - timedelta(days=40)
        HourlyCount.objects.create(
            hour=then, measured_at=then, kept=6, users=1, agents=0, apps=0, runs=0
        )

    kept = look(browser, "?range=30d&table=kept").charts[0]

    assert [row.cells for row in kept.rows] == [("6",)] * 30


@pytest.mark.parametrize(("name", "points"), [("24h", 24), ("7d", 168), ("30d", 30), ("90d", 90)])
def test_ranges(browser, store, name, points):
    store.add("I like tea.")

    overview = look(browser, f"?range={name}")

    assert [choice.href for choice in overview.ranges if choice.is_current] == [f"?range={name}"]
    assert len(overview.charts[0].chart.slots) == points


def test_unknown_range_is_the_default(browser, store):
    store.add("I like tea.")

    assert len(look(browser, "?range=forever").charts[0].chart.slots) == 168


def test_chosen_days(browser, store, count, time_machine):
    time_machine.move_to("2026-11-21T09:41:00Z")
    store.add("I like tea.")
    count(24, adds=4)

    overview = look(browser, "?range=dates&from=2026-11-01&to=2026-11-20&table=use")

    assert [choice.label for choice in overview.ranges if choice.is_current] == ["1 Nov to 20 Nov"]
    rows = [(row.name, row.cells) for row in overview.charts[1].rows]
    assert len(rows) == 20
    assert rows[-1] == ("20 November 2026", ("0", "4"))
    assert overview.charts[1].other_href == "?range=dates&from=2026-11-01&to=2026-11-20#use"


@pytest.mark.parametrize(
    ("days", "error"),
    [
        ("from=2026-11-02&to=2026-11-01", "Choose a day not before 2 November 2026"),
        ("from=2020-01-01&to=2026-11-01", "Choose at most 366 days"),
        ("from=2026-12-01&to=2026-12-02", "Choose a day that has begun"),
        ("from=yesterday&to=2026-11-01", "Write a day such as 2026-11-21"),
    ],
)
def test_wrong_days_say_what_to_choose(browser, store, time_machine, days, error):
    time_machine.move_to("2026-11-21T09:41:00Z")
    store.add("I like tea.")

    answer = browser.get(f"/dashboard/?range=dates&{days}")

    assert error in answer.content.decode()
    assert len(answer.context["overview"].charts[0].chart.slots) == 168


def test_dates_are_asked_for_without_an_error(browser, store):
    store.add("I like tea.")

    page = browser.get("/dashboard/?range=dates").content.decode()

    assert "Show these days" in page
    assert "There is a problem" not in page


def test_chart_as_table(browser, store, count):
    store.add("I like tea.")
    count(0, jobs_done=1_204, jobs_failed=3)

    page = browser.get("/dashboard/?table=jobs").content.decode()

    today = timezone.now()
    assert f'<th scope="row">{today.day} {today:%B %Y}</th><td class="number">1,204</td>' in page


def test_what_needs_a_person_stands_first(browser, store, count, tenant, now):
    store.add("I like tea.")
    count(0, jobs_failed=3)
    for kind in (RequestKind.ERASURE, RequestKind.ACCESS):
        new = NewRequest(
            kind=kind, subject_kind=EntityKind.USER, subject_name="ada", via=Via.OPERATOR
        )
        request, _ = open_request(tenant_id=tenant.id, new=new, by=SYSTEM)
        if kind == RequestKind.ERASURE:
            with tenant_scope(tenant.id):
                Request.objects.filter(id=request.id).update(due_on=now.date() - timedelta(days=2))

    overview = look(browser)

    assert overview.needs_heading == "2 things need you."
    assert [(need.words, need.href) for need in overview.needs] == [
        ("1 request is overdue", "/dashboard/requests/"),
        ("3 jobs failed in this range", ""),
    ]
    assert [row.due_words for row in overview.requests][:1] == ["2 days overdue"]


def test_viewer_sees_no_requests(make_operator, sign_in, store, tenant):
    store.add("I like tea.")
    browser = sign_in(make_operator("v@halden.example", role=Role.VIEWER))

    answer = browser.get("/dashboard/")

    assert answer.context["overview"].requests is None
    assert "Requests by due date" not in answer.content.decode()


def test_counting_that_stands_still_is_said(browser, store, tenant, time_machine):
    store.add("I like tea.")
    measure_tenant(tenant.id)
    time_machine.move_to(timezone.now() + timedelta(hours=3))

    assert [need.words for need in look(browser).needs] == ["no worker has counted for two hours"]


def test_activity_reads_as_sentences(browser, store):
    store.add("I like tea.")

    lines = look(browser).activity

    assert [f"{line.actor} {line.sentence}" for line in lines] == [
        "Booking app added 1 memory of",
        "System created API key",
        "System made an owner of operator",
        "System made this tenant",
    ]


def test_other_tenants_are_not_counted(browser, other_store, other_tenant):
    other_store.add("I like tea.")
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    write_counts({(other_tenant.id, hour): {Use.ADDS: 8}})
    measure_tenant(other_tenant.id)

    overview = look(browser)

    assert overview.has_memories is False
    assert figures(overview)["Memories"] == "not known"
    assert figures(overview)["Adds"] == "0"


@pytest.mark.parametrize("number", [1, 3])
def test_statements(browser, store, count, tenant, django_assert_num_queries, number):
    for place in range(number):
        store.add(f"Statement {place}.", user_id=f"user-{place}")
        count(place, adds=1)
    measure_tenant(tenant.id)
    browser.get("/dashboard/")

    with django_assert_num_queries(23):
        browser.get("/dashboard/")
