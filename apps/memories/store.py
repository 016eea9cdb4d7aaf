"""Statements that the ORM can't express or expresses too slowly. Each names the tenant itself."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import BigIntegerField, F, Field, FloatField, Func, IntegerField, Q
from django.db.models.expressions import CombinedExpression

from apps.common.ids import uuid7
from apps.isolation.compiled import PRETENDED_TENANT, Bind, bind
from apps.isolation.prepared import open_prepared_cursor
from apps.isolation.scope import current_tenant_id, pretend_scope
from apps.memories.embedders import Vector as Embedding
from apps.memories.enums import EntityFlag
from apps.memories.fields import write_embedding, write_terms
from apps.memories.flags import is_flagged
from apps.memories.models import Vector
from apps.memories.recall.ranking import Scan
from apps.memories.scoping import Shape, Values, make_condition

KEPT_STATEMENTS = 500
WORDS_A_SLOT = 8  # three bits each: 24 are exact in the float that pgvector answers


def scan_vectors(
    shape: Shape,
    values: Values,
    *,
    embedding: Embedding,
    terms: Sequence[int],
    today: date | None,
    has_days: bool,
) -> Scan:
    """Measure each memory in scope against a question, in one statement.

    The distance and the counts of all terms come from one visit of each row: a weight of 8^i for
    the i-th term makes the inner product with the row's counts a number of octal digits. With
    `today`, what has expired by then is left out. A vector of another model than the current one,
    which is not made anew yet, has no cosine but NaN: such a memory is found by its words.
    """
    slots = [terms[i : i + WORDS_A_SLOT] for i in range(0, len(terms), WORDS_A_SLOT)] or [[]]
    sql, params = _compile_scan(shape, len(slots), is_live=today is not None, has_days=has_days)
    bound = values | {"today": today}
    bound["embedding"] = write_embedding(embedding)
    bound |= {f"slot{number}": _weigh(slot) for number, slot in enumerate(slots)}
    with open_prepared_cursor() as cursor:
        cursor.execute(sql, [bind(param, bound) for param in params])
        row = cursor.fetchone()
    return _unpack([part or b"" for part in row], len(terms), has_days=has_days)


@lru_cache(maxsize=KEPT_STATEMENTS)
def _compile_scan(
    shape: Shape, slots: int, *, is_live: bool, has_days: bool
) -> tuple[str, tuple[Any, ...]]:
    columns = {"cosine": ("float4send", _Cosine()), "packed": ("int8send", _Packed("slot0"))}
    for number in range(1, slots):
        columns[f"slot{number}"] = ("int4send", _Counts(f"slot{number}"))
    if has_days:
        columns["day"] = ("int4send", _Day())
    with pretend_scope(PRETENDED_TENANT):
        rows = Vector.objects.filter(make_condition(shape, Bind, Vector))
        rows = rows.exclude(is_flagged(EntityFlag.RESTRICTED))
        if is_live:
            rows = rows.filter(Q(expires_on=None) | Q(expires_on__gte=Bind("today")))
        inner = rows.order_by("thread", "id").annotate(
            **{name: expression for name, (_, expression) in columns.items()}
        )
        sql, params = inner.values_list("id", *columns).query.sql_with_params()
    sent = "".join(f", string_agg({send}({name}), '')" for name, (send, _) in columns.items())
    return f"SELECT string_agg(uuid_send(id), ''){sent} FROM ({sql}) AS scope", tuple(params)  # noqa: S608


def destroy_memories(memory_ids: Sequence[UUID], now: datetime) -> list[UUID]:
    """Blank the memories and all their versions, drop what hangs on them, add a version DELETE.

    No summary of the tenant stays: any of them may quote what is destroyed here. Answers the
    messages that the memories came out of, which may be used by others still.
    """
    tenant_id, ids = current_tenant_id(), list(memory_ids)
    with open_prepared_cursor() as cursor:
        cursor.execute(
            """
            WITH vectors AS (
                DELETE FROM memories_vector WHERE tenant_id = %(tenant)s AND id = ANY(%(ids)s)
            ), feedback AS (
                DELETE FROM memories_feedback
                 WHERE tenant_id = %(tenant)s AND memory_id = ANY(%(ids)s)
            ), versions AS (
                UPDATE memories_version SET text = NULL, metadata = NULL
                 WHERE tenant_id = %(tenant)s AND memory_id = ANY(%(ids)s)
            ), memories AS (
                UPDATE memories_memory
                   SET text = NULL, metadata = NULL, categories = NULL, speaker = NULL,
                       inferred = NULL, digest = NULL, marks = NULL, updated_at = %(now)s,
                       deleted_at = %(now)s
                 WHERE tenant_id = %(tenant)s AND id = ANY(%(ids)s)
            ), sources AS (
                DELETE FROM memories_source
                 WHERE tenant_id = %(tenant)s AND memory_id = ANY(%(ids)s) RETURNING message_id
            ), summaries AS (
                UPDATE memories_job SET summary = NULL, made_of = NULL
                 WHERE tenant_id = %(tenant)s AND summary IS NOT NULL
            ), deletes AS (
                INSERT INTO memories_version
                    (id, tenant_id, memory_id, key_owner_id, number, event, created_at)
                SELECT new.id, memory.tenant_id, memory.id, memory.key_owner_id, 1 +
                    (SELECT max(number) FROM memories_version AS version
                      WHERE version.tenant_id = memory.tenant_id AND version.memory_id = memory.id),
                    'DELETE', %(now)s
                  FROM unnest(%(new_ids)s::uuid[], %(ids)s::uuid[]) AS new (id, memory_id)
                  JOIN memories_memory AS memory
                    ON memory.tenant_id = %(tenant)s AND memory.id = new.memory_id
            )
            SELECT DISTINCT message_id FROM sources
            """,
            {"tenant": tenant_id, "ids": ids, "new_ids": [uuid7() for _ in ids], "now": now},
        )
        return [message_id for (message_id,) in cursor.fetchall()]


class _Cosine(Func):
    """Vectors have length 1, so their inner product is the cosine."""

    template = "(CASE WHEN %(expressions)s) ELSE 'NaN' END)::real"
    arg_joiner = " THEN -("
    output_field = FloatField()

    def __init__(self) -> None:
        super().__init__(
            CombinedExpression(F("model_id"), "=", Bind("model")),
            CombinedExpression(F("embedding"), "<#>", Bind("embedding")),
        )


class _Counts(Func):
    template = "(-(%(expressions)s))::integer"
    arg_joiner = " <#> "
    output_field: "Field[Any, Any]" = IntegerField()

    def __init__(self, slot: str) -> None:
        super().__init__(F("terms"), Bind(slot))


class _Packed(_Counts):
    """24 bits of the thread's number, 16 of the length, 24 of the first slot's counts."""

    template = "((thread << 40) | (length::bigint << 24) | (-(%(expressions)s))::bigint)"
    output_field = BigIntegerField()


class _Day(Func):
    template = "((created_at AT TIME ZONE 'UTC')::date - DATE '1970-01-01')"
    output_field = IntegerField()

    def __init__(self) -> None:
        super().__init__()


def _weigh(terms: Sequence[int]) -> str:
    return write_terms({term: 8**place for place, term in enumerate(terms)})


def _unpack(parts: Sequence[bytes], terms: int, *, has_days: bool) -> Scan:
    ids, cosine, packed, *rest = parts
    days = rest.pop() if has_days else b""
    numbers = np.frombuffer(packed, ">i8").astype(np.int64)
    slots = [(numbers & 0xFFFFFF).astype(np.int32)]
    slots += [np.frombuffer(slot, ">i4").astype(np.int32) for slot in rest]
    counts = np.empty((terms, len(numbers)), np.float32)
    for place in range(terms):
        slot, digit = divmod(place, WORDS_A_SLOT)
        counts[place] = (slots[slot] >> 3 * digit) & 7
    return Scan(
        ids=np.frombuffer(ids, "V16"),
        cosine=np.frombuffer(cosine, ">f4").astype(np.float32),
        thread=numbers >> 40,
        length=((numbers >> 24) & 0xFFFF).astype(np.float32),
        counts=counts,
        days=np.frombuffer(days, ">i4").astype(np.int64),
    )
