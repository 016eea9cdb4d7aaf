"""What the migrations made of every tenant-owned table, read from PostgreSQL's catalogue."""

import pytest
from django.db import connection

from apps.isolation.models import TenantOwned
from tests.support.kernel import quote_table, tenant_models

each_model = pytest.mark.parametrize("model", tenant_models(), ids=lambda model: model.__name__)
ALL = {"SELECT", "INSERT", "UPDATE", "DELETE"}
APPEND_ONLY = ("AuditEvent", "AuditDetail", "AuditSeal", "AuditCheckpoint", "SigningKey")
GRANTS = {name: {"SELECT", "INSERT"} for name in APPEND_ONLY}


def ask(sql, model):
    with connection.cursor() as cursor:
        cursor.execute(sql, {"table": quote_table(model)})
        return cursor.fetchall()


def list_constraints(model, kind):
    return ask(
        "SELECT confrelid::regclass::text, ARRAY(SELECT attname FROM unnest(conkey) WITH ORDINALITY"
        " AS k (n, place) JOIN pg_attribute ON attrelid = conrelid AND attnum = n ORDER BY place)"
        f" FROM pg_constraint WHERE conrelid = %(table)s::regclass AND contype = '{kind}'",
        model,
    )


@each_model
def test_primary_key_is_tenant_and_id(db, model):
    assert [columns for _, columns in list_constraints(model, "p")] == [["tenant_id", "id"]]


@each_model
def test_row_level_security_is_forced(db, model):
    rows = ask(
        "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %(table)s::regclass",
        model,
    )

    assert rows == [(True, True)]


@each_model
def test_policies_are_those_of_the_tenant_and_of_the_owner(db, model):
    rows = ask(
        "SELECT polname, polpermissive, polcmd, ARRAY(SELECT rolname::text FROM pg_roles"
        " WHERE oid = ANY(polroles)), pg_get_expr(polqual, polrelid),"
        " pg_get_expr(polwithcheck, polrelid) FROM pg_policy"
        " WHERE polrelid = %(table)s::regclass ORDER BY polname",
        model,
    )

    [owner, tenant] = rows
    [(owner_role,)] = ask(
        "SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE oid = %(table)s::regclass",
        model,
    )
    assert owner == ("owner", True, "*", [owner_role], "true", "true")
    assert tenant[:4] == ("tenant", True, "*", [])
    assert tenant[4] == tenant[5]
    assert "current_setting('memoryhub.tenant'" in tenant[4]


@each_model
def test_every_index_begins_with_the_tenant(db, model):
    rows = ask(
        "SELECT indexrelid::regclass::text, attname FROM pg_index JOIN pg_attribute"
        " ON attrelid = indrelid AND attnum = indkey[0] WHERE indrelid = %(table)s::regclass",
        model,
    )

    assert {column for _, column in rows} == {"tenant_id"}, rows


@each_model
def test_every_unique_constraint_begins_with_the_tenant(db, model):
    assert {columns[0] for _, columns in list_constraints(model, "u")} <= {"tenant_id"}


@each_model
def test_every_reference_to_a_tenants_row_holds_the_tenant(db, model):
    owned = {other._meta.db_table.replace('"', "") for other in tenant_models()}
    expected = sorted(
        ["tenant_id", field.column]
        for field in model._meta.local_fields
        if field.is_relation and issubclass(field.related_model, TenantOwned)
    )
    shared_ids = [["tenant_id", "id"]] if model.__name__ == "Vector" else []

    found = [columns for target, columns in list_constraints(model, "f") if target in owned]

    assert sorted(found) == sorted(expected + shared_ids)


@each_model
def test_grants_of_the_application_are_the_declared_ones(db, model):
    rows = ask(
        "SELECT privilege_type FROM pg_class, aclexplode(relacl) AS acl"
        " WHERE oid = %(table)s::regclass AND grantee = current_user::regrole",
        model,
    )

    assert {grant for (grant,) in rows} == GRANTS.get(model.__name__, ALL)


@each_model
def test_nobody_else_has_a_grant(db, model):
    rows = ask(
        "SELECT DISTINCT grantee::regrole::text FROM pg_class, aclexplode(relacl)"
        " WHERE oid = %(table)s::regclass AND grantee <> relowner"
        " AND grantee <> current_user::regrole",
        model,
    )

    assert rows == []
