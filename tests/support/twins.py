"""Two tenants whose rows have the same ids: a statement that leaves out the tenant reaches both."""

import copy
import inspect
import re
from collections.abc import Iterable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from unittest.mock import patch
from uuid import UUID

import numpy as np
from asgiref.sync import SyncToAsync
from django.db import models, transaction

from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.keys.ring import current_ring
from apps.memories.domain.embedding_models import current_model_id
from apps.memories.models import Entity, Erasure, Memory, Vector, Version
from apps.memories.queries.entities import make_entity_token
from apps.tenants.domain.tenants import create_tenant
from apps.tenants.models import Tenant
from tests.support.kernel import quote_table, tenant_models
from tests.support.sentinel import bare_cursor

PLAN_PARTS = re.compile(r"(?<= on )(?<!Bitmap Index Scan on )\w+|\w+ = '[^']*'")
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ENTITY, FIRST, SECOND, THIRD = (UUID(int=number) for number in range(1, 5))
SHARED = (FIRST, SECOND)  # memories, with a version and a vector of the same id each


@dataclass
class Rows:
    """One tenant's rows. `mark` stands in each text."""

    tenant: Tenant
    mark: str
    ids: tuple[UUID, ...]
    versions: list[Version] = field(init=False)

    def __post_init__(self):
        self.versions = [self._make_version(*one) for one in enumerate(self.ids, start=1)]

    def _make_version(self, number, memory_id):
        """As if it had been read."""
        version = Version(
            tenant_id=self.tenant.id,
            memory_id=memory_id,
            number=number,
            event="ADD",
            text=f"{self.mark} {number}",
            **self._common(memory_id),
        )
        version._state.adding, version._state.db = False, "default"
        return version

    def _common(self, row_id):
        return {"id": row_id, "key_owner_id": ENTITY, "created_at": AT}

    def plant(self):
        with tenant_scope(self.tenant.id):
            current_ring().create([ENTITY])
            token = make_entity_token("user", self.mark)
            Entity.objects.create(
                id=ENTITY,
                kind="user",
                token=token,
                external_id=self.mark,
                created_at=AT,
                last_used_at=AT,
            )
            for number, memory_id in enumerate(self.ids, start=1):
                self._plant_memory(memory_id, number)
            Version.objects.bulk_create(copy.deepcopy(self.versions))
            Erasure.objects.create(id=self.ids[-1], digests=[self.mark.encode()], erased_at=AT)
        return self

    def _plant_memory(self, memory_id, number):
        common = self._common(memory_id) | {"user_id": ENTITY}
        text = f"{self.mark} {number}"
        Memory.objects.create(**common, text=text, role=self.mark, updated_at=AT)
        Vector.objects.create(
            **common,
            model_id=current_model_id(),
            embedding=np.full(384, 0.05, dtype=np.float32),
            terms={1: 1},
            length=1,
            thread=number,
        )

    def dump(self):
        """Each row as the database holds it, by table."""
        with tenant_scope(self.tenant.id), bare_cursor("bare rows") as cursor:
            return {table: read_rows(cursor, table, self.tenant) for table in TABLES}


TABLES = [quote_table(model) for model in tenant_models()]


def read_rows(cursor, table, tenant):
    cursor.execute(
        f"SELECT row::text FROM {table} AS row WHERE tenant_id = %s ORDER BY 1", [tenant.id]
    )
    return [text for (text,) in cursor.fetchall()]


def make_twins():
    """Ours, planted, and theirs, not planted yet: it has one memory more."""
    ours, theirs = (create_tenant(name=name, by=SYSTEM) for name in ("Ours", "Theirs"))
    return Rows(ours, "ours", SHARED).plant(), Rows(theirs, "theirs", (*SHARED, THIRD))


def attempt(act, ours, theirs, *, scope=tenant_scope):
    """(what comes out, their rows after it), or (the kind of refusal, None). It is rolled back."""
    try:
        with transaction.atomic():
            with scope(ours.tenant.id) if scope else nullcontext():
                found = plain(act())
            after = theirs.dump()
            transaction.set_rollback(True)
            return found, after
    except Exception as error:  # noqa: BLE001
        return type(error), None


def is_refusal(found):
    return isinstance(found, type) and issubclass(found, Exception)


def find_leaks(acts, ours, theirs, *, scope=tenant_scope):
    """Those that answer otherwise once the other tenant's rows are there, or change them.

    Answers also what each one gave while they were not.
    """
    alone = {name: attempt(act, ours, theirs, scope=scope)[0] for name, act in acts.items()}
    before = theirs.plant().dump()
    leaks = {}
    for name, act in acts.items():
        found, after = attempt(act, ours, theirs, scope=scope)
        if found != alone[name]:
            leaks[name] = found
        elif after not in (None, before):
            leaks[name] = "their rows have changed"
    return leaks, alone


def plain(value):
    """What compares: rows by their columns, collections as sorted lists.

    Of a plan its tables and what it compares: how it gets there changes with the tables' sizes.
    """
    if inspect.isawaitable(value) or inspect.isasyncgen(value):
        return plain(settle(value))
    match value:
        case models.Manager():
            found = plain(value.all())
        case models.Model():
            found = plain(
                {"": value._meta.label} | {name: vars(value)[name] for name in loaded(value)}
            )
        case str():
            found = sorted(set(PLAN_PARTS.findall(value))) if "cost=" in value else value
        case dict():
            found = sorted(([plain(key), plain(one)] for key, one in value.items()), key=repr)
        case memoryview():
            found = bytes(value)
        case int() | float() | bytes() | UUID() | date() | type() | None:
            found = value
        case Iterable():
            found = sorted((plain(one) for one in value), key=repr)
        case _:  # a query, a function: no rows
            found = type(value)
    return found


def loaded(row):
    return {field.attname for field in row._meta.concrete_fields} & vars(row).keys()


def settle(value):
    """Await it here: without a loop, and so without the thread that could not see our transaction."""

    async def collect():
        return [one async for one in value] if inspect.isasyncgen(value) else await value

    async def call_here(self, *args, **kwargs):
        return self.func(*args, **kwargs)

    with patch.object(SyncToAsync, "__call__", call_here):
        try:
            collect().send(None)
        except StopIteration as finished:
            return finished.value
    raise AssertionError("It waits for something else than the database.")
