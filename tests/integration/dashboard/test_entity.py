"""/dashboard/entities/<id>/"""

import pytest


@pytest.fixture
def open_entity(browser):
    def open_one(external_id="ada", kind="user"):
        answer = browser.post(f"/dashboard/entities/{kind}/", {"q": external_id})
        return next(
            row.href for row in answer.context["listing"].rows if row.external_id == external_id
        )

    return open_one


@pytest.fixture
def stranger(sign_in, make_operator, other_tenant):
    return sign_in(make_operator("other@halden.example", tenant=other_tenant))


def texts(answer):
    return [row.text.words for row in answer.context["results"].rows]


def test_memories_stand_newest_first(browser, store, open_entity):
    store.add("First.", "Second.")
    store.add("Third.")
    store.add("Of another.", user_id="bob")

    answer = browser.post(open_entity() + "reveal/")

    assert texts(answer) == ["Third.", "Second.", "First."]
    assert answer.context["entity"].memories == 3


def test_pages_by_newer_and_older(browser, store, open_entity, monkeypatch):
    monkeypatch.setattr("apps.dashboard.queries.memories.PAGE_SIZE", 2)
    store.add(*(f"Number {n}." for n in range(5)))
    href = open_entity()

    first = browser.get(href)
    second = browser.get(first.context["results"].older)
    third = browser.get(second.context["results"].older)
    back = browser.get(third.context["results"].newer)
    pages = [browser.post(page.context["results"].reveal_href) for page in (first, second, third)]

    assert [texts(page) for page in pages] == [
        ["Number 4.", "Number 3."],
        ["Number 2.", "Number 1."],
        ["Number 0."],
    ]
    assert third.context["results"].older == ""
    assert [row.id for row in back.context["results"].rows] == [
        row.id for row in second.context["results"].rows
    ]
    assert first.context["results"].newer == ""


def test_search_shows_scores_and_parts(browser, store, open_entity):
    store.add("I play the xylophone.", "Our dog is called Biscuit.")

    answer = browser.post(open_entity() + "reveal/", {"q": "xylophone"})

    results = answer.context["results"]
    best = results.rows[0]
    assert best.text.words == "I play the xylophone."
    assert [part.label for part in best.parts] == ["Meaning", "Words", "Context"]
    assert sum(float(part.value) for part in best.parts) == pytest.approx(
        float(best.score), abs=0.02
    )
    assert results.note.startswith("Exact search over all 2, ")


def test_search_stays_with_the_entity(browser, store, open_entity):
    store.add("I play the xylophone.", user_id="bob")
    store.add("I like tea.")

    assert texts(browser.post(open_entity() + "reveal/", {"q": "xylophone"})) == ["I like tea."]


def test_search_keeps_the_query_out_of_the_address(browser, store, open_entity):
    store.add("I like tea.")

    answer = browser.get(open_entity() + "?q=tea")

    assert answer.context["results"].is_search is False


def test_foreign_and_unknown_answer_alike(browser, store, open_entity, stranger):
    store.add("I like tea.")

    foreign = stranger.get(open_entity())
    unknown = stranger.get("/dashboard/entities/00000000-0000-7000-8000-0000000000ff/")

    assert foreign.status_code == unknown.status_code == 404
    assert b"tea" not in foreign.content


@pytest.mark.parametrize("cursor", ["before=x", "after=00000000-0000-7000-8000-0000000000ff"])
def test_wrong_cursor(browser, store, open_entity, cursor):
    store.add("I like tea.")

    assert browser.get(f"{open_entity()}?{cursor}").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_statements(browser, store, open_entity, django_assert_num_queries, count):
    store.add(*(f"Statement {n}." for n in range(count)))
    href = open_entity()

    with django_assert_num_queries(17):
        browser.get(href)


@pytest.mark.parametrize("count", [1, 3])
def test_statements_of_search(browser, store, open_entity, django_assert_num_queries, count):
    store.add(*(f"Statement {n}." for n in range(count)))
    href = open_entity()
    browser.post(href, {"q": "statement"})

    with django_assert_num_queries(28):
        browser.post(href, {"q": "statement"})
