from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from apps.common.errors import Invalid
from apps.isolation.scope import tenant_scope
from apps.memories.conditions import (
    All,
    AnyOf,
    Asks,
    Compare,
    HasId,
    Not,
    OneOf,
    Present,
    Sealed,
    named_entities,
)
from apps.memories.enums import EntityKind
from apps.memories.filters import match_entities, parse_filters
from apps.memories.models import Memory
from apps.memories.scoping import compile_filter
from tests.support.kernel import add

USER, AGENT, APP, RUN = EntityKind


def at(lookup, day, column="created_at"):
    """The beginning of that day of March 2026."""
    return Compare(column, lookup, datetime(2026, 3, day, tzinfo=UTC))


ADA, BOB, BOT = OneOf(USER, ("ada",)), OneOf(USER, ("bob",)), OneOf(AGENT, ("bot",))


@pytest.mark.parametrize(
    ("raw", "tree"),
    [
        ({"user_id": "ada"}, ADA),
        ({"userId": "ada"}, ADA),
        ({"user_id": 7}, OneOf(USER, ("7",))),
        ({"user_id": " ada "}, OneOf(USER, (" ada ",))),
        ({"app_id": "a"}, OneOf(APP, ("a",))),
        ({"run_id": "r"}, OneOf(RUN, ("r",))),
        ({"user_id": "*"}, Present(USER)),
        ({"user_id": {"eq": "ada"}}, ADA),
        ({"user_id": {"in": ["ada", "bob"]}}, AnyOf((ADA, BOB))),
        ({"user_id": {"in": ["ada", "*"]}}, AnyOf((ADA, Present(USER)))),
        ({"user_id": "ada", "agent_id": "bot"}, All((ADA, BOT))),
        ({"AND": [{"user_id": "ada"}]}, All((ADA,))),
        ({"OR": [{"user_id": "ada"}, {"agent_id": "bot"}]}, AnyOf((ADA, BOT))),
        ({"user_id": "ada", "NOT": {"agent_id": "bot"}}, All((ADA, Not(AnyOf((BOT,)))))),
        ({"user_id": "ada", "NOT": [{"agent_id": "bot"}]}, All((ADA, Not(AnyOf((BOT,)))))),
        (
            {"user_id": "ada", "agent_id": {"ne": "bot"}},
            All((ADA, Not(AnyOf((BOT, Not(Present(AGENT))))))),
        ),
        (
            {"user_id": "ada", "created_at": {"gte": "2026-03-01", "lt": 1_772_323_200}},
            All((ADA, All((at("gte", 1), at("lt", 1))))),
        ),
        (
            {"user_id": "ada", "timestamp": "2026-03-01"},
            All((ADA, All((at("gte", 1), at("lt", 2))))),
        ),
        (
            {"user_id": "ada", "updated_at": {"gt": "2026-03-01"}},
            All((ADA, at("gte", 2, "updated_at"))),
        ),
        (
            {"user_id": "ada", "updated_at": {"gt": "2026-03-01T01:00:00+01:00"}},
            All((ADA, at("gt", 1, "updated_at"))),
        ),
        (
            {"user_id": "ada", "expiration_date": {"ne": "2026-03-01"}},
            All(
                (
                    ADA,
                    AnyOf(
                        tuple(
                            Compare("expires_on", lookup, date(2026, 3, 1))
                            for lookup in ("lt", "gt")
                        )
                    ),
                )
            ),
        ),
        (
            {"user_id": "ada", "metadata": {"mood": "good", "n": {"contains": 1}}},
            All(
                (
                    ADA,
                    All(
                        (
                            Sealed(Asks.METADATA_IS, "good", "mood"),
                            Sealed(Asks.METADATA_CONTAINS, 1, "n"),
                        )
                    ),
                )
            ),
        ),
        (
            {"user_id": "ada", "categories": {"in": ["food", "travel"]}},
            All((ADA, Sealed(Asks.CATEGORY_IN, ("food", "travel")))),
        ),
        (
            {"user_id": "ada", "keywords": {"icontains": "Tea"}},
            All((ADA, Sealed(Asks.TEXT_CONTAINS_ANY_CASE, "Tea"))),
        ),
        (
            {"user_id": "ada", "memory_ids": [str(UUID(int=7))]},
            All((ADA, HasId((UUID(int=7),)))),
        ),
    ],
)
def test_filter_is_understood(raw, tree):
    assert parse_filters(raw) == tree


BAD_SHAPES = [
    None, [], {}, "user_id", 7, [{"user_id": "ada"}],
    {"user_id": None}, {"user_id": ""}, {"user_id": "  "}, {"user_id": True}, {"user_id": 1.5},
    {"user_id": []}, {"user_id": ["ada"]}, {"user_id": {}}, {"user_id": "a\0b"},
    {"user_id": "\udcff"}, {"user_id": "x" * 100_000},
    {"user_id": {"in": []}}, {"user_id": {"in": "ada"}}, {"user_id": {"in": [None]}},
    {"user_id": {"gt": "a"}}, {"user_id": {"eq": "ada", "like": "a"}}, {"user_id": {"EQ": "ada"}},
    {"user": "ada"}, {"USER_ID": "ada"}, {"user_id": "ada", "colour": "red"},
    {"and": [{"user_id": "ada"}]}, {"AND": []}, {"AND": {"user_id": "ada"}}, {"OR": [None]},
    {"OR": [{}]}, {"NOT": []}, {"user_id": "ada", "NOT": []}, {"user_id": "ada", "NOT": "x"},
    *({"user_id": "ada"} | bad for bad in [
        {"created_at": "soon"}, {"created_at": None}, {"created_at": {}}, {"created_at": True},
        {"created_at": {"eq": "2026-03-01"}}, {"created_at": {"in": []}}, {"created_at": 1e30},
        {"created_at": {"gte": "2026-02-30"}}, {"created_at": {"gte": "9999-12-31"}},
        {"created_at": {"$gte": "2026-03-01"}}, {"created_at": {">=": "2026-03-01"}},
        {"expiration_date": 7}, {"expiration_date": "2026-03-01T00:00:00Z"},
        {"expiration_date": {"eq": "2026-03-01"}}, {"created_at": "0001-01-01T00:00:00+14:00"},
        {"categories": ["food"]}, {"categories": "food"}, {"categories": {"eq": "food"}},
        {"categories": {"ne": "food"}}, {"categories": {"in": []}}, {"categories": {"in": [7]}},
        {"categories": {"in": "food"}}, {"categories": {"contains": ""}},
        {"metadata": None}, {"metadata": {}}, {"metadata": "x"}, {"metadata": {"k": {}}},
        {"metadata": {"k": {"gt": 1}}}, {"metadata": {"k": {"city": "x"}}},
        {"metadata": {"k": "\udcff"}}, {"metadata": {"k\0": 1}}, {"metadata": {"k": "x" * 99_999}},
        {"keywords": "tea"}, {"keywords": {"eq": "tea"}}, {"keywords": {"contains": ""}},
        {"keywords": {"contains": 7}}, {"text": 7}, {"text": "a\0"}, {"text": {"like": "x"}},
        {"memory_ids": []}, {"memory_ids": "x"}, {"memory_ids": ["x"]}, {"memory_ids": [7]},
        {"memory_ids": {"in": []}}, {"memory_ids": {"ne": []}},
        {"memory_ids": [str(UUID(int=7))] * 1001},
    ]),
]  # fmt: skip
UNSCOPED = [
    {"NOT": {"user_id": "ada"}},
    {"user_id": {"ne": "ada"}},
    {"AND": [{"NOT": {"user_id": "ada"}}]},
    {"OR": [{"user_id": "ada"}, {"NOT": {"user_id": "bob"}}]},
    {"OR": [{"user_id": "ada"}, {"agent_id": {"ne": "bot"}}]},
    {"NOT": {"NOT": {"user_id": "ada"}}},
    {"memory_ids": [str(UUID(int=7))]},
    {"created_at": {"gte": "2026-03-01"}},
    {"OR": [{"user_id": "ada"}, {"metadata": {"mood": "good"}}]},
]


@pytest.mark.parametrize("raw", BAD_SHAPES, ids=lambda raw: repr(raw)[:40])
def test_filter_that_is_not_understood_is_refused(raw):
    with pytest.raises(Invalid) as error:
        parse_filters(raw)

    assert (error.value.field, error.value.status) == ("filters", 400)


@pytest.mark.parametrize("raw", UNSCOPED)
def test_filter_without_a_positive_entity_in_each_branch_is_refused(raw):
    with pytest.raises(Invalid, match="at least one entity id that is not negated"):
        parse_filters(raw)


def test_refusal_never_repeats_the_value():
    with pytest.raises(Invalid) as error:
        parse_filters({"user_id": {"canary-op": "canary-id"}})

    assert "canary" not in error.value.detail


def test_depth_is_limited(settings):
    settings.MAX_FILTER_DEPTH = 2
    parse_filters({"AND": [{"AND": [{"user_id": "ada"}]}]})

    with pytest.raises(Invalid, match="2 deep"):
        parse_filters({"AND": [{"AND": [{"AND": [{"user_id": "ada"}]}]}]})


def test_number_of_conditions_is_limited(settings):
    settings.MAX_FILTER_CONDITIONS = 3
    parse_filters({"user_id": {"in": ["a", "b", "c"]}})

    with pytest.raises(Invalid, match="3 conditions"):
        parse_filters({"user_id": {"in": ["a", "b"]}, "OR": [{"run_id": "a"}, {"run_id": "b"}]})


def test_named_entities_are_those_of_every_branch():
    tree = parse_filters(
        {
            "user_id": {"in": ["ada", "bob"]},
            "NOT": {"agent_id": "bot"},
            "OR": [{"run_id": "*"}, {"app_id": "a"}],
        }
    )

    assert list(named_entities(tree)) == [(USER, "ada"), (USER, "bob"), (AGENT, "bot"), (APP, "a")]


def test_match_entities_needs_them_all():
    assert match_entities({USER: "ada", AGENT: "*"}) == All((ADA, Present(AGENT)))


def test_match_entities_with_four_wildcards_is_every_memory():
    everything = dict.fromkeys(EntityKind, "*")

    assert match_entities(everything) == AnyOf(tuple(Present(kind) for kind in EntityKind))


ROWS = {
    "a": {"user": "ada"},
    "a bot": {"user": "ada", "agent": "bot"},
    "a owl": {"user": "ada", "agent": "owl"},
    "b bot": {"user": "bob", "agent": "bot"},
    "bot": {"agent": "bot"},
    "r": {"run": "r1"},
}


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"user_id": "ada"}, ["a", "a bot", "a owl"]),
        ({"user_id": "*"}, ["a", "a bot", "a owl", "b bot"]),
        ({"user_id": "nobody"}, []),
        ({"user_id": "ADA"}, []),
        ({"user_id": {"in": ["ada", "bob", "nobody"]}}, ["a", "a bot", "a owl", "b bot"]),
        ({"user_id": "ada", "agent_id": "bot"}, ["a bot"]),
        (
            {"OR": [{"user_id": "ada"}, {"agent_id": "bot"}]},
            ["a", "a bot", "a owl", "b bot", "bot"],
        ),
        ({"OR": [{"user_id": "nobody"}, {"run_id": "r1"}]}, ["r"]),
        ({"user_id": "ada", "NOT": {"agent_id": "bot"}}, ["a", "a owl"]),
        ({"user_id": "ada", "NOT": [{"agent_id": "bot"}, {"agent_id": "owl"}]}, ["a"]),
        ({"user_id": "ada", "NOT": {"agent_id": "nobody"}}, ["a", "a bot", "a owl"]),
        ({"user_id": "ada", "NOT": {"agent_id": "*"}}, ["a"]),
        ({"user_id": "ada", "agent_id": {"ne": "bot"}}, ["a owl"]),
        ({"agent_id": "bot", "user_id": {"ne": "ada"}}, ["b bot"]),
        (
            {"AND": [{"OR": [{"user_id": "ada"}, {"user_id": "bob"}]}, {"agent_id": "bot"}]},
            ["a bot", "b bot"],
        ),
    ],
    ids=repr,
)
def test_filter_matches_exactly_its_rows(tenant, raw, expected):
    for text, entities in ROWS.items():
        add(tenant, text, **entities)

    with tenant_scope(tenant.id):
        rows = Memory.objects.filter(compile_filter(parse_filters(raw)))

        assert sorted(row.text for row in rows) == expected
