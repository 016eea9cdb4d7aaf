"""GET /dashboard/"""

import pytest
from django.utils import timezone


def figures(page):
    return {figure.label: figure.value for figure in page.figures}


def test_empty_tenant_says_how_to_connect(browser, tenant):
    answer = browser.get("/dashboard/")

    assert answer.status_code == 200
    page = answer.content.decode()
    assert "No memories yet" in page
    assert "manage.py create_api_key --tenant harbour --name my-app" in page
    assert "Memories added per" not in page


def test_it_counts_memories_and_entities(browser, store):
    store.add("I like tea.", "My dog is Biscuit.")
    store.add("The run began.", agent_id="planner", run_id="r1")

    overview = browser.get("/dashboard/").context["overview"]

    assert figures(overview) == {
        "Memories": "3",
        "Users": "1",
        "Agents": "1",
        "Apps": "0",
        "Runs": "1",
        "Added, 24 hours": "3",
        "Added, 7 days": "3",
    }


def test_deleted_memories_were_added_but_are_not_kept(browser, store):
    first, _ = store.add("I like tea.", "My dog is Biscuit.")
    store.delete(first)

    added, kept = browser.get("/dashboard/").context["overview"].charts

    assert [point.value for point in added.points] == [0, 0, 0, 0, 0, 0, 2]
    assert [point.value for point in kept.points] == [0, 0, 0, 0, 0, 0, 1]


@pytest.mark.parametrize(("name", "count"), [("24h", 24), ("7d", 7), ("30d", 30), ("90d", 90)])
def test_ranges(browser, store, name, count):
    store.add("I like tea.")

    overview = browser.get(f"/dashboard/?range={name}").context["overview"]

    assert [choice.label for choice in overview.ranges if choice.is_current] == [
        {"24h": "24 hours"}.get(name, f"{count} days")
    ]
    assert len(overview.charts[0].points) == count


def test_chart_as_table(browser, store):
    store.add("I like tea.")

    page = browser.get("/dashboard/?table=added").content.decode()

    today = timezone.now()
    assert '<td class="number">1</td>' in page
    assert f"{today.day} {today:%B %Y}" in page


def test_unknown_range_is_the_default(browser, store):
    store.add("I like tea.")

    overview = browser.get("/dashboard/?range=forever").context["overview"]

    assert len(overview.charts[0].points) == 7


def test_activity_reads_as_sentences(browser, store):
    store.add("I like tea.")

    lines = browser.get("/dashboard/").context["overview"].activity

    assert [f"{line.actor} {line.sentence}" for line in lines] == [
        "Booking app added 1 memory of",
        "System created API key",
        "System made an owner of operator",
        "System made this tenant",
    ]


def test_other_tenants_are_not_counted(browser, other_store):
    other_store.add("I like tea.")

    overview = browser.get("/dashboard/").context["overview"]

    assert overview.has_memories is False
    assert figures(overview)["Users"] == "0"


@pytest.mark.parametrize("count", [1, 3])
def test_statements(browser, store, django_assert_num_queries, count):
    for number in range(count):
        store.add(f"Statement {number}.", user_id=f"user-{number}")
    browser.get("/dashboard/")

    with django_assert_num_queries(21):
        browser.get("/dashboard/")
