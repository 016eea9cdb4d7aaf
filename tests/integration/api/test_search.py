"""POST /v3/memories/search/"""

import pytest

ADA = {"user_id": "ada"}


@pytest.fixture
def diary(api):
    texts = [
        "I play the xylophone in a small orchestra.",
        "Our dog is called Biscuit.",
        "Tomorrow I fly to Lisbon.",
    ]
    return {text: api.add(text)[0] for text in texts}  # each a conversation of its own


def test_it_works(api, diary):
    answer = api.search("xylophone orchestra", top_k=1)

    assert answer.status_code == 200
    [hit] = answer.json()["results"]
    memory = api.get(f"/v1/memories/{hit['id']}/").json()
    assert answer.json() == {"results": [memory | {"score": hit["score"]}]}
    assert memory["memory"] == "I play the xylophone in a small orchestra."
    assert 0 < hit["score"] <= 1


def test_the_best_come_first(api, diary):
    scores = [row["score"] for row in api.search("my dog Biscuit").json()["results"]]

    assert scores == sorted(scores, reverse=True)
    assert api.hits("my dog Biscuit")[0] == "Our dog is called Biscuit."


@pytest.mark.parametrize(("top_k", "hits"), [(1, 1), (2, 2), (3, 3), (1000, 3)])
def test_it_answers_as_many_as_asked_for_or_there_are(api, diary, top_k, hits):
    assert len(api.hits("something else entirely", top_k=top_k)) == hits


def test_ten_are_answered_unless_told(api):
    api.add(*(f"Statement number {n}." for n in range(12)))

    assert len(api.hits("statement")) == 10


def test_others_are_never_found(api, diary):
    api.add("Bob plays the xylophone.", user_id="bob")

    assert set(api.hits("xylophone", top_k=100)) == set(diary)
    assert api.hits("xylophone", {"user_id": "bob"}) == ["Bob plays the xylophone."]
    assert api.hits("xylophone", {"user_id": "nobody"}) == []


def test_the_query_is_trimmed(api, diary):
    assert api.search("  xylophone \n").json() == api.search("xylophone").json()


def test_the_threshold_keeps_out_what_lies_below(api, diary):
    answers = api.search("xylophone orchestra", explain=True).json()["results"]
    semantic = {row["memory"]: row["score_breakdown"]["semantic"] for row in answers}
    score = {row["memory"]: row["score"] for row in answers}
    level = sorted(max(score[text], semantic[text]) for text in diary)[1]

    passed = api.hits("xylophone orchestra", threshold=round(level, 6) - 1e-6)

    assert set(passed) == {t for t in diary if max(score[t], semantic[t]) >= level}


def test_a_threshold_of_zero_is_switched_off(api, diary):
    """Texts that have nothing in common with the query measure below zero."""
    assert set(api.hits("quantum chromodynamics lattice", threshold=0)) == set(diary)


def test_a_threshold_of_one_passes_next_to_nothing(api, diary):
    assert api.hits("something else entirely", threshold=1) == []


def test_the_threshold_is_a_tenth_unless_told(api, diary):
    body = {"query": "xylophone orchestra", "filters": ADA}

    default = api.post("/v3/memories/search/", body).json()

    assert default == api.search("xylophone orchestra", threshold=0.1).json()


def test_explain_shows_the_parts(api, diary):
    hits = api.search("xylophone", explain=True).json()["results"]

    parts = {row["memory"]: row["score_breakdown"] for row in hits}
    assert all({"semantic", "bm25", "entity"} <= part.keys() for part in parts.values())
    assert [text for text, part in parts.items() if part["bm25"] > 0] == [
        "I play the xylophone in a small orchestra."
    ]


def test_without_explain_there_are_no_parts(api, diary):
    assert "score_breakdown" not in api.search("xylophone").json()["results"][0]


def test_stems_are_found(api, diary):
    hits = api.search("orchestras flying", explain=True).json()["results"]

    found = {row["memory"] for row in hits if row["score_breakdown"]["bm25"] > 0}
    assert "I play the xylophone in a small orchestra." in found


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("我喜欢喝绿茶", "绿茶"),
        ("東京タワーに行きました", "東京"),
        ("나는 고양이를 좋아한다", "고양이"),
        ("ฉันชอบดื่มชาเขียว", "ชาเขียว"),
        ("Я люблю зелёный чай", "чай"),
        ("Die Straße ist gesperrt", "straße"),
        ("Ich heiße Zoë", "zoë"),
    ],
)
def test_words_of_other_languages_are_found(api, text, query):
    for each in (text, "Something unrelated.", "12345"):
        api.add(each)

    hits = api.search(query, explain=True).json()["results"]

    assert [row["memory"] for row in hits if row["score_breakdown"]["bm25"] > 0] == [text]


def test_expired_memories_are_hidden_unless_asked_for(api):
    api.add("I play the xylophone.", expiration_date="2020-01-31")

    assert api.hits("xylophone") == []
    assert api.hits("xylophone", show_expired=True) == ["I play the xylophone."]


def test_both_names_of_the_run_are_answered(api):
    api.add("I play the xylophone.", user_id="ada", run_id="monday")

    [hit] = api.search("xylophone").json()["results"]

    assert (hit["run_id"], hit["session_id"]) == ("monday", "monday")


def test_it_accepts_what_it_may_ignore(api, diary):
    body = {"rerank": True, "keyword_search": True, "output_format": "v1.1", "source": "CLI"}

    answer = api.search("xylophone", latest_only=True, org_id="o", project_id="p", **body)

    assert answer.status_code == 200


def test_only_punctuation_finds_by_meaning_alone(api, diary):
    assert len(api.hits("?!")) == 3


@pytest.mark.parametrize("rows", [1, 3])
def test_the_number_of_queries_does_not_grow(api, django_assert_num_queries, rows):
    api.add(*(f"Statement {n}." for n in range(rows)), agent_id="helper", run_id="r", **ADA)
    api.hits("statement")

    with django_assert_num_queries(SEARCH_QUERIES):
        hits = api.hits("statement")

    assert len(hits) == rows


SEARCH_QUERIES = 9
