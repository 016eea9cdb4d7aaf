"""What the design says of a tenant-owned table, held against PostgreSQL's catalogue."""

import functools

from django.db import connections
from django.db.migrations.loader import MigrationLoader

from apps.isolation.models import TenantForeignKey
from apps.isolation.operations import MakeTenantOwned
from apps.isolation.roles import application_role

KEY = ["tenant_id", "id"]
NARROWED = {("audit", "auditdetail"): ("SELECT", "INSERT")}  # by audit.0003_append_only
COLUMNS = """
    ARRAY(SELECT attname::text FROM unnest({numbers}) WITH ORDINALITY AS key (number, place)
       LEFT JOIN pg_attribute ON attrelid = {table} AND attnum = key.number ORDER BY place)
"""
PRIMARY_KEY = f"""
    SELECT {COLUMNS.format(numbers="conkey", table="conrelid")}
      FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'p'
"""
REFERENCES = f"""
    SELECT {COLUMNS.format(numbers="conkey", table="conrelid")}, confrelid::regclass::text,
           {COLUMNS.format(numbers="confkey", table="confrelid")}
      FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f' AND convalidated
"""
INDEXES = f"""
    SELECT indexrelid::regclass::text,
           {COLUMNS.format(numbers="indkey::int2[]", table="indrelid")}
      FROM pg_index WHERE indrelid = %s::regclass
"""
SECURITY = "SELECT relrowsecurity, relforcerowsecurity FROM pg_class WHERE oid = %s::regclass"
POLICIES = """
    SELECT polname::text, polpermissive, polcmd::text,
           ARRAY(SELECT pg_get_userbyid(role)::text FROM unnest(polroles) AS role WHERE role <> 0),
           pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
      FROM pg_policy WHERE polrelid = %s::regclass ORDER BY polname
"""
OWNER = "SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE oid = %s::regclass"
GRANTS = """
    SELECT CASE grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(grantee)::text END,
           privilege_type, is_grantable
      FROM pg_class, aclexplode(relacl) WHERE oid = %s::regclass AND grantee <> relowner
     UNION ALL
    SELECT 'column ' || attname, privilege_type, is_grantable
      FROM pg_attribute, aclexplode(attacl) WHERE attrelid = %s::regclass
"""
MATCHES = (
    "(tenant_id = (NULLIF(( SELECT current_setting('memoryhub.tenant'::text, true)"
    " AS current_setting), ''::text))::uuid)"
)


@functools.cache
def read_declared():
    """The operations that made tables tenant-owned, by application and model."""
    migrations = MigrationLoader(None, ignore_no_migrations=True).disk_migrations
    declared = {
        (label, operation.model_name.lower()): operation
        for (label, _), migration in migrations.items()
        for operation in migration.operations
        if isinstance(operation, MakeTenantOwned)
    }
    for name, grants in NARROWED.items():
        declared[name].grants = grants
    return declared


def find_faults(model, *, alias="default"):
    """The rules that the model's table breaks, by name, each with what was found instead."""
    label, name = model._meta.app_label, model._meta.model_name
    declared = read_declared().get((label, name)) or MakeTenantOwned(name)
    return find_faults_of(model, declared, alias=alias)


def find_faults_of(model, declared, *, alias):
    table = connections[alias].ops.quote_name(model._meta.db_table)

    def ask(sql):
        with connections[alias].cursor() as cursor:
            cursor.execute(sql, [table] * sql.count("%s"))
            return cursor.fetchall()

    [(owner,)] = ask(OWNER)
    late = [index for index, columns in ask(INDEXES) if columns[0] != "tenant_id"]
    rules = {
        "primary key": (ask(PRIMARY_KEY), [(KEY,)]),
        "references": (sorted(ask(REFERENCES)), sorted(list_references(model, declared))),
        "indexes that begin with another column": (late, []),
        "row-level security, forced": (ask(SECURITY), [(True, True)]),
        "policies": (
            ask(POLICIES),
            [
                ("owner", True, "*", [owner], "true", "true"),
                ("tenant", True, "*", [], MATCHES, MATCHES),
            ],
        ),
        "grants": (
            sorted(ask(GRANTS)),
            sorted((application_role(), grant, False) for grant in declared.grants),
        ),
    }
    return {rule: found for rule, (found, expected) in rules.items() if found != expected}


def list_references(model, declared):
    """What the database must hold: within the tenant by (tenant_id, id), to global rows by id."""
    for field in model._meta.local_fields:
        if isinstance(field, TenantForeignKey):
            yield ["tenant_id", field.column], bare_name(field.related_model), KEY
        elif field.is_relation:
            yield [field.column], bare_name(field.related_model), ["id"]
    if declared.part_of:
        yield (
            KEY,
            bare_name(model._meta.apps.get_model(model._meta.app_label, declared.part_of)),
            KEY,
        )


def bare_name(model):
    return model._meta.db_table.replace('"', "")
