"""A message lends its words to the next ones of its conversation; with it they are gone."""

TALK = ["My xylophone broke.", "Oh no, what a pity.", "I will buy another one.", "Good idea."]


def talk(api, *texts, **fields):
    scope = {"user_id": "ada", "run_id": "monday"} | fields
    return api.add(*(texts or TALK), **scope)


def found_by_words(api, query, filters=None):
    hits = api.search(query, filters, explain=True, top_k=100).json()["results"]
    return {row["memory"] for row in hits if row["score_breakdown"]["bm25"] > 0}


def test_the_next_messages_are_found_by_it(api):
    talk(api)

    assert found_by_words(api, "xylophone") == set(TALK[:3])


def test_no_neighbour_is_found_by_a_deleted_one(api):
    first, *_ = talk(api)

    api.delete(f"/v1/memories/{first}/")

    assert found_by_words(api, "xylophone") == set()
    assert len(api.hits("xylophone")) == 3


def test_no_neighbour_is_found_after_all_of_one_run_are_deleted(api):
    talk(api)
    talk(api, "I sold it.", user_id="ada", run_id="tuesday")

    api.delete("/v1/memories/?user_id=ada&run_id=monday")

    assert found_by_words(api, "xylophone") == set()
    assert api.texts() == ["I sold it."]


def test_no_neighbour_is_found_by_words_that_were_replaced(api):
    first, *_ = talk(api)

    api.put(f"/v1/memories/{first}/", {"text": "My theremin broke."})

    assert found_by_words(api, "xylophone") == set()
    assert found_by_words(api, "theremin") == {"My theremin broke.", *TALK[1:3]}


def test_no_words_are_borrowed_from_an_expired_one(api):
    first, *_ = talk(api)

    api.put(f"/v1/memories/{first}/", {"expiration_date": "2020-01-31"})

    assert found_by_words(api, "xylophone") == set()


def test_no_words_are_borrowed_across_users_of_one_run(api):
    talk(api, "My xylophone broke.", user_id="ada")
    talk(api, "Oh no, what a pity.", user_id="bob")

    everyone = {"user_id": "*"}
    assert found_by_words(api, "xylophone", everyone) == {"My xylophone broke."}
    assert found_by_words(api, "xylophone", {"user_id": "bob"}) == set()


def test_no_words_are_borrowed_across_runs(api):
    talk(api, "My xylophone broke.", run_id="monday")
    talk(api, "Oh no, what a pity.", run_id="tuesday")

    assert found_by_words(api, "xylophone") == {"My xylophone broke."}


def test_a_later_request_of_the_run_continues_the_conversation(api):
    talk(api, "My xylophone broke.")
    talk(api, "Oh no, what a pity.")

    assert found_by_words(api, "xylophone") == {"My xylophone broke.", "Oh no, what a pity."}
