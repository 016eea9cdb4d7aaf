"""What is tried against the walls, in the scope of `ours`, to reach rows of `theirs`.

Each leaks where no wall stands, or it would show nothing: `tests/unit/isolation/test_walls.py`.
"""

import copy

import psycopg
from django.db import connection
from django.db.models import Count, Exists, F, OuterRef, QuerySet, prefetch_related_objects
from django.db.models.expressions import RawSQL
from django.db.models.fields.related_descriptors import ReverseManyToOneDescriptor

from apps.isolation.writes import Insert
from apps.memories.models import EmbeddingModel, Erasure, Memory, Version
from apps.tenants.models import Tenant
from tests.support.twins import AT, FIRST, SECOND, THIRD


def versions_of(memory):
    """The related manager, though the relation has no name on this side."""
    rel = Version._meta.get_field("memory").remote_field
    return ReverseManyToOneDescriptor(rel).__get__(memory, Memory)


def make_erasure(tenant):
    return Erasure(tenant_id=tenant.id, id=FIRST, digests=[b"planted"], erased_at=AT)


def change(row, **fields):
    row = copy.deepcopy(row)
    for name, value in fields.items():
        setattr(row, name, value)
    return row


def prefetch(row):
    row = copy.deepcopy(row)
    prefetch_related_objects([row], "memory")
    return row.memory


def refresh(row):
    row = copy.deepcopy(row)
    row.refresh_from_db(fields=["event"])
    return row


def latest_versions():
    return Version.objects.filter(memory=OuterRef("pk"), number=3)


ORM = {
    "list": lambda ours, theirs: Version.objects.all(),
    "count": lambda ours, theirs: Version.objects.count(),
    "exists": lambda ours, theirs: Version.objects.filter(id=THIRD).exists(),
    "get": lambda ours, theirs: Version.objects.get(id=THIRD),
    "in bulk": lambda ours, theirs: Version.objects.in_bulk([THIRD]),
    "aggregate": lambda ours, theirs: Version.objects.aggregate(Count("id")),
    "iterator": lambda ours, theirs: Version.objects.iterator(),
    "async iterator": lambda ours, theirs: Version.objects.aiterator(),
    "async count": lambda ours, theirs: Version.objects.acount(),
    "join": lambda ours, theirs: Version.objects.values_list("memory__role"),
    "join by order": lambda ours, theirs: Version.objects.order_by("memory__role").values_list(
        "id"
    ),
    "select related": lambda ours, theirs: [
        row.memory.role for row in Version.objects.select_related("memory")
    ],
    "prefetch": lambda ours, theirs: prefetch(theirs.versions[2]),
    "reference": lambda ours, theirs: copy.deepcopy(theirs.versions[2]).memory,
    "related manager": lambda ours, theirs: versions_of(Memory(id=THIRD)).all(),
    "refresh": lambda ours, theirs: refresh(theirs.versions[2]),
    "subquery": lambda ours, theirs: Memory.objects.filter(
        id__in=Version.objects.values("memory_id")
    ),
    "exists in a subquery": lambda ours, theirs: Memory.objects.filter(Exists(latest_versions())),
    "union": lambda ours, theirs: Version.objects.values("id").union(
        Memory.objects.values("id"), all=True
    ),
    "past the manager": lambda ours, theirs: QuerySet(Version).all(),
    "base manager": lambda ours, theirs: Version._base_manager.values_list("id"),
    "count from a global model": lambda ours, theirs: EmbeddingModel.objects.annotate(
        n=Count("vector")
    ).values_list("n"),
    "filter from a global model": lambda ours, theirs: EmbeddingModel.objects.filter(
        vector__thread=3
    ).exists(),
    "reverse manager of a global model": lambda ours, theirs: (
        EmbeddingModel.objects.get().vector_set.values_list("id")
    ),
    "raw": lambda ours, theirs: Version.objects.raw("SELECT id FROM memories_version"),
    "raw on a global model": lambda ours, theirs: Tenant.objects.raw(
        "SELECT id, role AS name FROM memories_memory"
    ),
    "extra": lambda ours, theirs: Version.objects.extra(where=["true"]),
    "extra on a global model": lambda ours, theirs: EmbeddingModel.objects.extra(
        select={"n": "(SELECT count(*) FROM memories_version)"}
    ).values_list("n"),
    "extra table": lambda ours, theirs: EmbeddingModel.objects.extra(
        tables=["memories_version"]
    ).count(),
    "RawSQL": lambda ours, theirs: EmbeddingModel.objects.annotate(
        n=RawSQL("(SELECT count(*) FROM memories_version)", [])
    ).values_list("n"),
    "update": lambda ours, theirs: Version.objects.update(event="UPDATE"),
    "update of one": lambda ours, theirs: Version.objects.filter(id=THIRD).update(event="UPDATE"),
    "update past the manager": lambda ours, theirs: QuerySet(Version).update(event="UPDATE"),
    "update over a join": lambda ours, theirs: Version.objects.filter(
        memory__deleted_at=None
    ).update(event="UPDATE"),
    "update from a column": lambda ours, theirs: Version.objects.update(number=F("number") + 10),
    "bulk update": lambda ours, theirs: Version.objects.bulk_update(
        [change(theirs.versions[2], event="UPDATE")], ["event"]
    ),
    "save of a row with their id": lambda ours, theirs: change(
        ours.versions[0], event="UPDATE"
    ).save(update_fields=["event"]),
    "save of their row": lambda ours, theirs: change(theirs.versions[2], event="UPDATE").save(
        update_fields=["event"], force_update=True
    ),
    "delete": lambda ours, theirs: Version.objects.all().delete(),
    "delete over a join": lambda ours, theirs: Version.objects.filter(
        memory__deleted_at=None
    ).delete(),
    "delete past the manager": lambda ours, theirs: QuerySet(Version).delete(),
    "raw delete": lambda ours, theirs: Version.objects.all()._raw_delete("default"),
    "delete of a row with their id": lambda ours, theirs: copy.deepcopy(ours.versions[0]).delete(),
    "delete of their row": lambda ours, theirs: copy.deepcopy(theirs.versions[2]).delete(),
    "create": lambda ours, theirs: make_erasure(theirs.tenant).save(force_insert=True),
    "bulk create": lambda ours, theirs: Erasure.objects.bulk_create([make_erasure(theirs.tenant)]),
    "insert of many": lambda ours, theirs: Insert(Erasure)([make_erasure(theirs.tenant)]),
    "move": lambda ours, theirs: Erasure.objects.filter(id=SECOND).update(
        tenant_id=theirs.tenant.id
    ),
}


def run(sql):
    def attack(ours, theirs):
        with connection.cursor() as cursor:
            cursor.execute(sql, {"ours": ours.tenant.id, "theirs": theirs.tenant.id, "id": THIRD})
            return cursor.fetchall() if cursor.description else cursor.rowcount

    return attack


def run_below_django(ours, theirs):
    with psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute("SELECT id FROM memories_version").fetchall()


def copy_out(ours, theirs):
    with connection.cursor() as cursor, cursor.copy("COPY memories_version (id) TO STDOUT") as rows:
        return list(rows.rows())


SQL = {
    "select": run("SELECT id FROM memories_version"),
    "select of one": run("SELECT id FROM memories_version WHERE id = %(id)s"),
    "select of their keys": run('SELECT id, wrapped FROM "keys"."entity_key"'),
    "count": run("SELECT count(*) FROM public.memories_version"),
    "join": run(
        "SELECT memory.role FROM memories_version AS version JOIN memories_memory AS memory"
        " ON memory.id = version.memory_id WHERE version.tenant_id = %(ours)s"
    ),
    "outer join": run(
        "SELECT memory.role FROM memories_memory AS memory LEFT JOIN memories_version AS version"
        " ON version.memory_id = memory.id AND memory.tenant_id = %(ours)s"
        " AND version.tenant_id = %(ours)s"
    ),
    "subselect": run("SELECT (SELECT count(*) FROM memories_version)"),
    "with": run("WITH rows AS (SELECT id FROM memories_version) SELECT id FROM rows"),
    "union": run(
        "SELECT id FROM memories_version WHERE tenant_id = %(ours)s"
        " UNION ALL SELECT id FROM memories_memory"
    ),
    "or": run("SELECT id FROM memories_version WHERE tenant_id = %(ours)s OR number = 3"),
    "not": run("SELECT id FROM memories_version WHERE NOT tenant_id = %(ours)s"),
    "their tenant": run("SELECT id FROM memories_version WHERE tenant_id = %(theirs)s"),
    "table": run("TABLE memories_version"),
    "copy": copy_out,
    "below django": run_below_django,
    "update": run("UPDATE memories_version SET event = 'UPDATE'"),
    "update of one": run("UPDATE memories_version SET event = 'UPDATE' WHERE id = %(id)s"),
    "update from": run(
        "UPDATE memories_version AS version SET event = 'UPDATE' FROM memories_memory AS memory"
        " WHERE memory.tenant_id = %(ours)s AND memory.id = version.memory_id"
    ),
    "delete": run("DELETE FROM memories_version"),
    "delete in with": run(
        "WITH gone AS (DELETE FROM memories_version RETURNING id) SELECT id FROM gone"
    ),
    "insert": run(
        "INSERT INTO memories_erasure (id, tenant_id, digests, erased_at)"
        " VALUES (gen_random_uuid(), %(theirs)s, '{}', now())"
    ),
    "insert from select": run(
        "INSERT INTO memories_erasure (id, tenant_id, digests, erased_at)"
        " SELECT gen_random_uuid(), tenant_id, digests, erased_at FROM memories_erasure"
    ),
    "move": run("UPDATE memories_erasure SET tenant_id = %(theirs)s WHERE tenant_id = %(ours)s"),
    "truncate": run("TRUNCATE memories_erasure"),
}
