"""The whole grammar of `filters`, compared with a plain evaluation of the same JSON in Python."""

from datetime import UTC, date, datetime, timedelta

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

USERS, AGENTS, RUNS = ["ada", "bob"], ["bot", "owl"], ["r1"]
MOMENTS = [
    "2026-03-01T00:00:00Z",
    "2026-03-01T12:30:00Z",
    "2026-03-02T00:00:00Z",
    "2026-03-02T23:59:59.999999Z",
    "2026-03-03T08:00:00+02:00",
]
DAYS = ["2026-03-01", "2026-03-02", "2026-03-03"]
EXPIRIES = ["2999-01-01", "2999-01-02", "2999-01-03"]
CATEGORIES = ["food", "Food & drink", "travel", "reise"]
KEYS = ["mood", "n", "tags"]
VALUES = ["good", "goodness", "", 1, 1.0, 1.5, True, False, None, "1", ["good", 1], ["x"]]
WORDS = ["tea", "Tea", "TEA cup", "straße", "STRASSE", "o", "zebra"]
TEXTS = [f"{word} number {n}" for n, word in enumerate(WORDS * 2)]


def row(number):
    """Combinations of everything, a few of which are missing in each."""
    return {
        "text": TEXTS[number],
        "user_id": [*USERS, None][number % 3],
        "agent_id": [None, *AGENTS][number % 3 if number % 2 else 1],
        "run_id": RUNS[0] if number % 4 == 1 or number % 3 == 2 else None,
        "timestamp": MOMENTS[number % 5],
        "expiration_date": [*EXPIRIES, None][number % 4],
        "categories": [[], ["food"], ["Food & drink", "travel"], ["reise"]][number % 4],
        "metadata": [
            None,
            {"mood": VALUES[number % len(VALUES)], "n": number % 2},
            {"n": VALUES[(number + 5) % len(VALUES)]},
            {"tags": VALUES[10 + number % 2], "mood": None},
        ][(number // 2) % 4],
    }


ROWS = [row(number) for number in range(len(TEXTS))]


@pytest.fixture
def rows(api):
    ids = {}
    for one in ROWS:
        fields = {name: value for name, value in one.items() if value is not None}
        text = fields.pop("text")
        fields["timestamp"] = datetime.fromisoformat(fields["timestamp"]).timestamp()
        [ids[text]] = api.add(messages=[{"role": "user", "content": text}], **fields)
    return {text: read(api.get(f"/v1/memories/{id_}/").json()) for text, id_ in ids.items()}


def read(memory):
    for name in ("created_at", "updated_at"):
        memory[name] = datetime.fromisoformat(memory[name])
    memory["timestamp"] = memory["created_at"]
    memory["expiration_date"] = memory["expiration_date"] and date.fromisoformat(
        memory["expiration_date"]
    )
    return memory


# The plain evaluation


def holds(raw, row):
    return all(holds_one(key, value, row) for key, value in raw.items())


def holds_one(key, value, row):  # noqa: PLR0911 - one a key
    match key:
        case "AND":
            return all(holds(part, row) for part in value)
        case "OR":
            return any(holds(part, row) for part in value)
        case "NOT":
            return not any(
                holds(part, row) for part in (value if isinstance(value, list) else [value])
            )
        case "memory_ids":
            return row["id"] in (value["in"] if isinstance(value, dict) else value)
        case "metadata":
            return all(
                holds_metadata(name, item, row["metadata"] or {}) for name, item in value.items()
            )
        case "categories":
            return all(
                holds_category(name, item, row["categories"] or []) for name, item in value.items()
            )
        case "text" | "keywords" | "keywords_search":
            return holds_text(key, value, row["memory"])
        case "created_at" | "updated_at" | "timestamp" | "expiration_date":
            return holds_time(value, row[key])
    return holds_entity(value, row[key])


def holds_entity(value, found):
    if not isinstance(value, dict):
        return found is not None and value in ("*", found)
    tests = {
        "eq": lambda item: holds_entity(item, found),
        "ne": lambda item: found is not None and not holds_entity(item, found),
        "in": lambda items: any(holds_entity(item, found) for item in items),
    }
    return all(tests[name](item) for name, item in value.items())


def holds_time(value, found):
    if found is None:
        return False
    if not isinstance(value, dict):
        first, last = bounds(value, found)
        return first <= found <= last
    tests = {
        "gt": lambda item: found > bounds(item, found)[1],
        "gte": lambda item: found >= bounds(item, found)[0],
        "lt": lambda item: found < bounds(item, found)[0],
        "lte": lambda item: found <= bounds(item, found)[1],
        "ne": lambda item: not holds_time(item, found),
        "in": lambda items: any(holds_time(item, found) for item in items),
    }
    return all(tests[name](item) for name, item in value.items())


def bounds(value, found):
    if not isinstance(found, datetime):
        return (date.fromisoformat(value),) * 2
    if isinstance(value, int | float):
        return (datetime.fromtimestamp(value, UTC),) * 2
    if len(value) == 10:
        start = datetime.fromisoformat(value).replace(tzinfo=UTC)
        return start, start + timedelta(days=1, microseconds=-1)
    return (datetime.fromisoformat(value),) * 2


def holds_category(name, item, found):
    if name == "in":
        return bool(set(item) & set(found))
    return any(item.casefold() in one.casefold() for one in found)


def holds_metadata(key, value, found):
    if not isinstance(value, dict):
        return key in found and same(found[key], value)
    tests = {
        "eq": lambda item: key in found and same(found[key], item),
        "ne": lambda item: found.get(key) is not None and not same(found[key], item),
        "contains": lambda item: contains(found.get(key), item),
    }
    return all(tests[name](item) for name, item in value.items())


def same(one, other):
    """Equal as JSON writes them, but 1.0 is 1."""
    return orjson.dumps(whole(one)) == orjson.dumps(whole(other))


def whole(value):
    if isinstance(value, list):
        return [whole(item) for item in value]
    return int(value) if isinstance(value, float) and value == int(value) else value


def contains(found, item):
    if isinstance(found, list):
        return any(same(one, item) for one in found)
    return isinstance(found, str) and isinstance(item, str) and item in found


def holds_text(key, value, found):
    if not isinstance(value, dict):
        return value == found if key == "text" else value.casefold() in found.casefold()
    tests = {
        "contains": lambda item: item in found,
        "icontains": lambda item: item.casefold() in found.casefold(),
    }
    return all(tests[name](item) for name, item in value.items())


# What is asked


def operators(**known):
    """One to two operators with their values."""
    some = st.sets(st.sampled_from(sorted(known)), min_size=1, max_size=2)
    return some.flatmap(lambda names: st.fixed_dictionaries({name: known[name] for name in names}))


def several(values):
    return st.lists(values, min_size=1, max_size=3)


def entity(key, names):
    name = st.sampled_from([*names, "nobody", "*"])
    return st.fixed_dictionaries(
        {key: st.one_of(name, operators(eq=name, ne=name, **{"in": several(name)}))}
    )


def ordered(keys, values):
    tests = operators(
        gt=values, gte=values, lt=values, lte=values, ne=values, **{"in": several(values)}
    )
    return st.sampled_from(keys).flatmap(
        lambda key: st.fixed_dictionaries({key: st.one_of(values, tests)})
    )


MOMENT = st.sampled_from([*MOMENTS, *DAYS, 1_772_368_200, 1_772_368_200.5])
VALUE = st.sampled_from(VALUES)
CATEGORY = st.sampled_from(CATEGORIES)
WORD = st.sampled_from(WORDS)
TEXT = operators(contains=WORD, icontains=WORD)
METADATA = st.dictionaries(
    st.sampled_from([*KEYS, "other"]),
    st.one_of(VALUE, operators(eq=VALUE, ne=VALUE, contains=VALUE)),
    min_size=1,
    max_size=2,
)
ENTITY = st.one_of(entity("user_id", USERS), entity("agent_id", AGENTS), entity("run_id", RUNS))
LEAF = st.one_of(
    ENTITY,
    ordered(["created_at", "updated_at", "timestamp"], MOMENT),
    ordered(["expiration_date"], st.sampled_from(EXPIRIES)),
    st.fixed_dictionaries({"metadata": METADATA}),
    st.fixed_dictionaries(
        {
            "categories": operators(
                contains=st.sampled_from(["FOOD", "e", "x"]), **{"in": several(CATEGORY)}
            )
        }
    ),
    st.fixed_dictionaries({"keywords": TEXT}),
    st.fixed_dictionaries({"text": st.one_of(st.sampled_from(TEXTS), TEXT)}),
    st.fixed_dictionaries({"keywords_search": st.one_of(WORD, TEXT)}),
    st.fixed_dictionaries({"memory_ids": st.lists(st.integers(0, len(ROWS) - 1), min_size=1)}),
)
TREE = st.recursive(
    LEAF,
    lambda part: st.one_of(
        st.fixed_dictionaries({"AND": several(part)}),
        st.fixed_dictionaries({"OR": several(part)}),
        st.fixed_dictionaries({"NOT": st.one_of(part, several(part))}),
        st.tuples(part, part).map(lambda two: two[0] | two[1]),
    ),
    max_leaves=6,
)
ANYBODY = {"OR": [{"user_id": "*"}, {"agent_id": "*"}, {"run_id": "*"}]}


def fill_ids(raw, ids):
    """Numbers of rows stand for their ids, which hypothesis must not depend on."""
    if isinstance(raw, list):
        return [fill_ids(item, ids) for item in raw]
    if not isinstance(raw, dict):
        return raw
    return {
        key: [ids[number] for number in value] if key == "memory_ids" else fill_ids(value, ids)
        for key, value in raw.items()
    }


def test_plain_rows_are_what_is_stored(api, rows):
    assert sorted(rows) == sorted(TEXTS)
    assert {row["user_id"] for row in rows.values()} == {*USERS, None}
    assert len({repr(row["metadata"]) for row in rows.values()}) >= 8


def test_list_search_and_pages_answer_what_holds(api, rows):
    ids = [row["id"] for row in rows.values()]

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(tree=TREE)
    def compare(tree):
        raw = {"AND": [ANYBODY, fill_ids(tree, ids)]}
        expected = sorted(text for text, row in rows.items() if holds(raw, row))

        page = api.page(raw, "?page_size=200").json()
        hits = api.hits("tea", raw, top_k=100)
        first = api.page(raw, "?page_size=2").json()

        assert sorted(row["memory"] for row in page["results"]) == expected
        assert page["count"] == first["count"] == len(expected)
        assert first["results"] == page["results"][:2]
        assert sorted(hits) == expected

    compare()
