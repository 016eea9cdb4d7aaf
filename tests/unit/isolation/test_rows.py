"""The first two walls: the manager, and row-level security with the manager left out."""

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone

from apps.common.actor import SYSTEM
from apps.isolation.scope import TenantScopeError, tenant_scope
from apps.memories.domain.jobs import accept_job
from apps.memories.domain.telling import note_delivery
from apps.memories.enums import WebhookEvent
from apps.memories.models import (
    BlockedId,
    Erasure,
    Feedback,
    Memory,
    MemoryExport,
    Message,
    Project,
    Source,
    Version,
    Webhook,
)
from tests.support.kernel import add, make_new, quote_table, tenant_models
from tests.support.sentinel import bare_cursor


@pytest.fixture
def theirs(other_tenant):
    [memory_id] = add(other_tenant, "their secret")
    return memory_id


def make_row():
    return Erasure(tenant_id="0" * 32, digests=[b"x"], erased_at=timezone.now())


@pytest.mark.parametrize(
    "use",
    [
        lambda rows: list(rows.all()),
        lambda rows: rows.get(),
        lambda rows: rows.first(),
        lambda rows: rows.count(),
        lambda rows: rows.exists(),
        lambda rows: rows.in_bulk(),
        lambda rows: list(rows.values_list("id")),
        lambda rows: list(rows.iterator()),
        lambda rows: rows.aggregate(Count("id")),
        lambda rows: rows.filter(id="0" * 32),
        lambda rows: rows.update(erased_at=timezone.now()),
        lambda rows: rows.all().delete(),
        lambda rows: rows.create(digests=[], erased_at=timezone.now()),
        lambda rows: rows.get_or_create(digests=[]),
        lambda rows: rows.update_or_create(digests=[]),
        lambda rows: rows.bulk_create([make_row()]),
        lambda rows: rows.bulk_update([make_row()], ["digests"]),
        lambda _: make_row().save(),
        lambda _: make_row().save(force_insert=True),
        lambda _: make_row().delete(),
        lambda _: make_row().refresh_from_db(),
        lambda _: Erasure(digests=[]),
    ],
)
def test_manager_without_a_scope_raises(db, use):
    with pytest.raises(TenantScopeError):
        use(Erasure.objects)


def test_rows_of_another_tenant_are_unreachable_by_the_orm(tenant, theirs):
    with tenant_scope(tenant.id):
        rows = Memory.objects.filter(id=theirs)

        assert (rows.count(), rows.exists(), list(rows)) == (0, False, [])
        assert (rows.update(role="system"), rows.delete()) == (0, (0, {}))
        assert list(Version.objects.filter(memory__id=theirs)) == []


def test_rows_of_the_own_tenant_are_reachable(other_tenant, theirs):
    with tenant_scope(other_tenant.id):
        assert [row.text for row in Memory.objects.all()] == ["their secret"]


def test_insert_of_a_row_for_another_tenant_is_refused(tenant, other_tenant):
    row = Erasure(tenant_id=other_tenant.id, digests=[], erased_at=timezone.now())

    for write in (
        lambda: row.save(force_insert=True),
        lambda: Erasure.objects.bulk_create([row]),
        lambda: Erasure.objects.create(
            tenant_id=other_tenant.id, digests=[], erased_at=timezone.now()
        ),
    ):
        with pytest.raises(TenantScopeError, match="another tenant"), tenant_scope(tenant.id):
            write()


def test_move_of_a_row_to_another_tenant_is_refused(tenant, other_tenant):
    with pytest.raises(TenantScopeError, match="can't move"), tenant_scope(tenant.id):
        Erasure.objects.update(tenant_id=other_tenant.id)


def run(sql, *params):
    with bare_cursor("attacks") as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall() if cursor.description else cursor.rowcount


@pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model.__name__)
def test_raw_sql_sees_one_tenant_only(tenant, other_tenant, model):
    for each in (tenant, other_tenant):
        [memory_id] = add(each, "a text")
        fill(model, each, memory_id)

    with tenant_scope(tenant.id):
        seen = run(f"SELECT DISTINCT tenant_id FROM {quote_table(model)}")

    assert seen == [(tenant.id,)]


def fill(model, tenant, memory_id):
    """A row where an add makes none."""
    from apps.audit.models import (
        AuditAnchor,
        AuditCheck,
        AuditCheckpoint,
        AuditDetail,
        AuditSeal,
        SigningKey,
    )
    from apps.keys.ring import create_secret
    from apps.operations.domain.rollups import lock_hour

    now = timezone.now()
    sealed = {"sealed_at": now, "root": b"r", "previous": b"p", "signature": b"s"}
    with tenant_scope(tenant.id):
        if model._meta.app_label in {"privacy", "memories"}:
            fill_privacy(now)
            fill_wire(memory_id)
            fill_jobs(tenant, memory_id)
        if model.__name__ == "HourlyCount":
            lock_hour(now)
        if model is AuditDetail:
            AuditDetail(details={}, nonce=b"n").save(force_insert=True)
        if model is AuditSeal:
            AuditSeal(sequence=1, leaf=b"l").save(force_insert=True)
        if model is AuditCheckpoint:
            AuditCheckpoint(number=1, first=1, last=1, **sealed).save(force_insert=True)
        if model is AuditAnchor:
            AuditAnchor(place="file", number=1, anchored_at=now).save(force_insert=True)
        if model is AuditCheck:
            AuditCheck(started_at=now, state={}).save(force_insert=True)
        if model is SigningKey:
            SigningKey(number=1, created_at=now).save(force_insert=True)
        if model.__name__ == "Secret":
            create_secret("test")


def fill_wire(memory_id):
    memory = Memory.objects.get(id=memory_id)
    Feedback.objects.create(memory_id=memory_id, key_owner_id=memory.key_owner_id)
    MemoryExport.objects.create(request={})
    Project.objects.create(values={})
    hook = Webhook(name="n", url="u", secret="s", event_types=["memory_add"])
    hook.save(force_insert=True)
    note_delivery(hook=hook, event=WebhookEvent.MEMORY_ADD, about=memory).save(force_insert=True)


def fill_jobs(tenant, memory_id):
    job_id = accept_job(tenant_id=tenant.id, new=make_new("a text"), by=SYSTEM)
    message = Message.objects.get(job=job_id)
    Source.objects.create(memory_id=memory_id, message_id=message.id)


def fill_privacy(now):
    from apps.privacy.models import (
        Certificate,
        ListExport,
        Note,
        Particulars,
        Purge,
        Request,
        SubjectCopy,
    )

    request = Request(received_on=now, due_on=now, created_at=now)
    request.save(force_insert=True)
    Note(request=request, created_at=now).save(force_insert=True)
    Certificate(request=request, number=1, document={}, issued_at=now).save(force_insert=True)
    Particulars().save(force_insert=True)
    Purge(subject_id=request.id, created_at=now).save(force_insert=True)
    SubjectCopy(request=request, file_key="s", created_at=now, expires_at=now).save(
        force_insert=True
    )
    ListExport(memory_ids=[], total=0, file_key="s", created_at=now, expires_at=now).save(
        force_insert=True
    )
    Erasure.objects.create(digests=[b"x"], erased_at=now)
    BlockedId.objects.create(kind="user", token=b"x")


@pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model.__name__)
def test_raw_sql_without_a_tenant_sees_nothing(tenant, model):
    [memory_id] = add(tenant, "a text")
    fill(model, tenant, memory_id)

    assert run(f"SELECT count(*) FROM {quote_table(model)}") == [(0,)]


def test_raw_sql_changes_nothing_of_another_tenant(tenant, other_tenant, theirs):
    with tenant_scope(tenant.id):
        changed = run("UPDATE memories_memory SET role = 'system' WHERE id = %s", theirs)
        deleted = run("DELETE FROM memories_vector WHERE id = %s", theirs)

    with tenant_scope(other_tenant.id):
        assert (changed, deleted) == (0, 0)
        assert Memory.objects.get(id=theirs).role == "user"


@pytest.mark.parametrize("statement", ["insert", "move"])
def test_raw_sql_writes_no_row_of_another_tenant(tenant, other_tenant, statement):
    add(tenant, "ours")
    sql = {
        "insert": "INSERT INTO memories_erasure (id, tenant_id, digests, erased_at)"
        " VALUES (gen_random_uuid(), %s, '{}', now())",
        "move": "UPDATE memories_memory SET tenant_id = %s",
    }[statement]

    with (
        pytest.raises(DatabaseError, match="row-level security"),
        tenant_scope(tenant.id),
        transaction.atomic(),
    ):
        run(sql, other_tenant.id)


def test_row_level_security_cannot_be_left_by_the_role(tenant, theirs):
    with tenant_scope(tenant.id), pytest.raises(DatabaseError), transaction.atomic():
        run("SET row_security = off")
        run("SELECT count(*) FROM memories_memory")
    with pytest.raises(DatabaseError), transaction.atomic():
        run("ALTER TABLE memories_memory DISABLE ROW LEVEL SECURITY")


def test_role_can_neither_bypass_nor_own(db):
    [(is_super, bypasses)] = run(
        "SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user"
    )
    [(owned,)] = run("SELECT count(*) FROM pg_class WHERE relowner = current_user::regrole")

    assert (is_super, bypasses, owned) == (False, False, 0)


def test_composite_key_refuses_a_row_that_points_into_another_tenant(tenant, theirs):
    add(tenant, "ours")

    with (
        tenant_scope(tenant.id),
        pytest.raises(IntegrityError, match="memory_id_in_tenant"),
        transaction.atomic(),
    ):
        run("UPDATE memories_version SET memory_id = %s", theirs)


def test_reference_to_another_tenant_is_not_followed(tenant, theirs):
    with tenant_scope(tenant.id):
        version = Version(memory_id=theirs)

        with pytest.raises(Memory.DoesNotExist):
            _ = version.memory
