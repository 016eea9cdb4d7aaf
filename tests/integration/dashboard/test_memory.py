"""/dashboard/memories/<id>/"""

import pytest


def href(memory_id):
    return f"/dashboard/memories/{memory_id}/"


def reveal(browser, memory_id, **given):
    return browser.post(f"{href(memory_id)}reveal/", **given)


def test_text_and_facts(browser, store):
    [memory_id] = store.add(
        "I like tea.", metadata={"source": "chat"}, agent_id="barkeeper", user_id="ada"
    )

    memory = reveal(browser, memory_id).context["memory"]

    assert memory.text.words == "I like tea."
    assert [(owner.kind, owner.external_id) for owner in memory.owners] == [
        ("user", "ada"),
        ("agent", "barkeeper"),
    ]
    assert memory.metadata == (("source", "chat"),)
    assert (memory.state_words, memory.updated_at) == ("current", None)


def test_versions_as_changes(browser, store):
    [memory_id] = store.add("I like green tea.")
    store.change(memory_id, "I like black tea.")

    page = reveal(browser, memory_id).content.decode()

    assert "<del>green</del>" in page
    assert "<ins>black</ins>" in page


def test_deleted_memory_shows_no_text(browser, store):
    [memory_id] = store.add("I like tea.")
    store.delete(memory_id)

    answer = reveal(browser, memory_id)

    assert answer.status_code == 200
    assert answer.context["memory"].state_words == "deleted"
    assert answer.context["memory"].text.words == ""
    assert b"tea" not in answer.content
    assert b"erased" in answer.content


def test_peek_is_a_part(browser, store):
    [memory_id] = store.add("I like tea.")

    answer = reveal(browser, memory_id, headers={"HX-Request": "true", "HX-Target": "peek"})

    assert b"<html" not in answer.content
    assert b"I like tea." in answer.content


def test_text_is_escaped(browser, store):
    [memory_id] = store.add("<script>alert(1)</script>")

    page = reveal(browser, memory_id).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_foreign_memory_is_not_found(browser, other_store):
    [memory_id] = other_store.add("I like tea.")

    assert browser.get(href(memory_id)).status_code == 404


@pytest.mark.parametrize("changes", [0, 2])
def test_statements(browser, store, django_assert_num_queries, changes):
    [memory_id] = store.add("I like tea.")
    for number in range(changes):
        store.change(memory_id, f"I like tea number {number}.")
    reveal(browser, memory_id)

    with django_assert_num_queries(22):
        browser.get(href(memory_id))


def test_lists_that_showed_it_stand_in_who_looked(browser, store):
    [ada] = store.add("I like tea.", agent_id="barkeeper", user_id="ada")
    [bob] = store.add("I like milk.", agent_id="barkeeper", user_id="bob")
    browser.post("/dashboard/memories/reveal/")
    browser.post("/dashboard/memories/reveal/", {"kind": "user", "entity": "bob"})
    browser.post("/dashboard/playground/reveal/", {"user": "ada", "text": "tea"})

    looks = {
        one: [line.sentence for line in browser.get(href(one)).context["provenance"].looks]
        for one in (ada, bob)
    }

    lists = ["read 1 memory of", "read 2 memories"]
    assert looks == {ada: lists, bob: lists}
