import pytest

from apps.isolation.scope import TenantScopeError, tenant_scope
from apps.memories import lexicon
from apps.memories.fields import TERM_SPACE
from apps.memories.lexicon import (
    count_terms,
    list_query_terms,
    make_speaker_term,
    make_term,
    make_time_term,
)


def count(text, speaker=""):
    return count_terms(text, speaker=speaker)


def test_terms_count_stems(tenant):
    with tenant_scope(tenant.id):
        terms, length = count("She sails; he sailed a boat.")

        assert terms == {make_term("sail"): 2, make_term("boat"): 1}
        assert length == 3


def test_terms_hold_the_speaker_as_a_fact_not_as_a_word(tenant):
    with tenant_scope(tenant.id):
        terms, length = count("a boat", speaker="Nadja")

        assert terms == {make_term("boat"): 1, make_speaker_term("nadja"): 1}
        assert length == 1


def test_terms_hold_that_a_speaker_tells_a_time(tenant):
    with tenant_scope(tenant.id):
        has_time = [
            make_time_term() in count(text, speaker=name)[0]
            for text, name in [
                ("a boat", "Nadja"),
                ("a boat yesterday", "Nadja"),
                ("a boat yesterday", ""),
            ]
        ]

    assert has_time == [False, True, False]


def test_terms_count_no_higher_than_three_bits(tenant):
    with tenant_scope(tenant.id):
        terms, length = count("boat " * 50)

        assert (terms[make_term("boat")], length) == (7, 50)


def test_terms_and_length_are_bounded(tenant, monkeypatch):
    monkeypatch.setattr(lexicon, "MOST_TERMS", 5)
    monkeypatch.setattr(lexicon, "MOST_LENGTH", 20)

    with tenant_scope(tenant.id):
        terms, length = count(" ".join(f"word{number}" for number in range(100)))

    assert (len(terms), length) == (5, 20)


def test_speaker_term_ignores_the_case(tenant):
    with tenant_scope(tenant.id):
        assert make_speaker_term("NADJA") == make_speaker_term("nadja") != make_speaker_term("ada")


def test_query_terms_are_distinct_in_their_order_and_few(tenant, monkeypatch):
    monkeypatch.setattr(lexicon, "MOST_QUERY_WORDS", 2)

    with tenant_scope(tenant.id):
        terms = list_query_terms("The boat, the boats and a harbour with ships")

        assert terms == [make_term("boat"), make_term("harbour")]


@pytest.mark.parametrize("query", ["", "the of and", "?!"])
def test_query_without_words_has_no_terms(tenant, query):
    with tenant_scope(tenant.id):
        assert list_query_terms(query) == []


def test_terms_fit_the_column(tenant):
    with tenant_scope(tenant.id):
        terms = [make_term(str(number)) for number in range(500)]

    assert all(1 <= term <= TERM_SPACE for term in terms)
    assert len(set(terms)) >= 499


def test_terms_of_another_tenant_differ(tenant, other_tenant):
    made = []
    for each in (tenant, other_tenant):
        with tenant_scope(each.id):
            made.append(make_term("boat"))

    assert made[0] != made[1]


def test_terms_need_a_scope(db):
    with pytest.raises(TenantScopeError):
        make_term("boat")
