"""The application's role adds and reads, and has two doors for what must go."""

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.utils import timezone

from apps.audit.domain.doors import redact_details, retire_segment
from apps.audit.models import AuditCheckpoint, AuditDetail, AuditEvent, AuditSeal
from apps.isolation.roles import application_role
from apps.isolation.scope import tenant_scope
from tests.support.sentinel import bare_cursor, off

TABLES = {
    "audit_auditevent": "action = ''",
    "audit_auditdetail": "nonce = ''",
    "audit_auditseal": "sequence = 1",
    "audit_auditcheckpoint": "root = ''",
    "audit_signingkey": "number = 2",
}
STATEMENTS = [
    sql
    for table, change in TABLES.items()
    for sql in (f"UPDATE {table} SET {change}", f"DELETE FROM {table}", f"TRUNCATE {table}")
]


def refuses(tenant, sql):
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), tenant_scope(tenant.id):
        with bare_cursor("attacks") as cursor:
            cursor.execute(sql)
    return str(caught.value)


@pytest.mark.parametrize("sql", STATEMENTS)
def test_grants_refuse_a_change(tenant, sql):
    assert "permission denied" in refuses(tenant, sql)


@pytest.fixture
def all_granted(committed_db):
    """As if somebody had granted everything: the triggers are left."""
    run_as_owner(f'GRANT ALL ON {", ".join(TABLES)} TO "{application_role()}"')
    yield
    taken = "UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER"
    run_as_owner(f'REVOKE {taken} ON {", ".join(TABLES)} FROM "{application_role()}"')


def run_as_owner(sql):
    with off("attacks"), connections["owner"].cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.parametrize("sql", STATEMENTS)
def test_triggers_refuse_it_where_everything_is_granted(all_granted, committed_tenant, sql):
    assert "is append-only" in refuses(committed_tenant, sql)


@pytest.mark.parametrize("name", ["audit_redact", "audit_retire"])
def test_doors_run_as_the_owner_and_are_shut_to_others(db, name):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT prosecdef, proconfig, ARRAY(SELECT CASE grantee WHEN 0 THEN 'everybody' ELSE"
            " grantee::regrole::text END FROM aclexplode(proacl) WHERE grantee <> proowner)"
            " FROM pg_proc WHERE proname = %s",
            [name],
        )
        [(is_definer, config, others)] = cursor.fetchall()
        cursor.execute("SELECT current_user::text")
        [(role,)] = cursor.fetchall()

    assert is_definer
    assert config == ["search_path=pg_catalog, pg_temp"]
    assert others == [role]


def test_no_other_function_runs_as_its_owner(db):
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace::regnamespace::text"
            " IN ('public', 'keys') ORDER BY 1"
        )
        assert cursor.fetchall() == [("audit_redact",), ("audit_retire",)]


def test_redaction_reaches_the_tenants_own_details_only(trail, other_tenant):
    [event] = trail.write(details={"ip": "::1"})

    with tenant_scope(other_tenant.id):
        assert redact_details([event.id]) == 0
    with tenant_scope(trail.tenant.id):
        assert AuditDetail.objects.count() == 1
        assert redact_details([event.id]) == 1
        assert AuditDetail.objects.count() == 0
        assert AuditEvent.objects.filter(id=event.id).exists()


def test_doors_without_a_tenant_do_nothing(trail):
    [event] = trail.write(details={"ip": "::1"})
    trail.seal()

    assert redact_details([event.id]) == 0
    with pytest.raises(DatabaseError, match="not the oldest"), transaction.atomic():
        retire_segment(1, at=timezone.now(), signature=b"s")


def test_only_the_oldest_segment_can_be_retired(trail):
    for _ in range(3):
        trail.write()
        trail.seal()

    with tenant_scope(trail.tenant.id):
        for number in (2, 3, 4):
            with pytest.raises(DatabaseError, match="not the oldest"), transaction.atomic():
                retire_segment(number, at=timezone.now(), signature=b"s")
        assert retire_segment(1, at=timezone.now(), signature=b"s") == 2
        assert retire_segment(2, at=timezone.now(), signature=b"s") == 1
        assert list(AuditSeal.objects.values_list("sequence", flat=True)) == [4]
        assert AuditCheckpoint.objects.count() == 3
