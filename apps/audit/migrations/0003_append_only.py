from apps.isolation.roles import application_role
from apps.isolation.scope import SETTING
from django.db import migrations

TABLES = (
    "audit_auditevent",
    "audit_auditdetail",
    "audit_auditseal",
    "audit_auditcheckpoint",
    "audit_signingkey",
)
TENANT = f"nullif(current_setting('{SETTING}', true), '')::uuid"

# Grants already keep the application's role from it. The trigger does so where somebody grants
# too much: only the owner of the table passes, and with it the two doors, which run as the owner.
REFUSE_CHANGE = """
CREATE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF current_user <> (SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = TG_RELID) THEN
        RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NULL;
END
$$
"""

# The first door: the personal details of these events, with the nonce of their digest.
REDACT = f"""
CREATE FUNCTION audit_redact(event_ids uuid[]) RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    WITH gone AS (
        DELETE FROM public.audit_auditdetail
        WHERE tenant_id = {TENANT} AND id = ANY(event_ids) RETURNING id
    )
    SELECT count(*) FROM gone
$$
"""

# The second door: the events of the oldest segment that is there, whole. Its checkpoint stays.
RETIRE = f"""
CREATE FUNCTION audit_retire(segment bigint, at timestamptz, signed bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    tenant uuid := {TENANT};
    oldest public.audit_auditcheckpoint;
    ids uuid[];
BEGIN
    SELECT * INTO oldest FROM public.audit_auditcheckpoint
        WHERE tenant_id = tenant AND retired_at IS NULL ORDER BY number LIMIT 1 FOR UPDATE;
    IF oldest.number IS DISTINCT FROM segment THEN
        RAISE EXCEPTION 'segment % is not the oldest', segment USING ERRCODE = 'check_violation';
    END IF;
    WITH gone AS (
        DELETE FROM public.audit_auditseal
        WHERE tenant_id = tenant AND sequence BETWEEN oldest.first AND oldest.last RETURNING id
    )
    SELECT array_agg(id) INTO ids FROM gone;
    DELETE FROM public.audit_auditdetail WHERE tenant_id = tenant AND id = ANY(ids);
    DELETE FROM public.audit_auditevent WHERE tenant_id = tenant AND id = ANY(ids);
    UPDATE public.audit_auditcheckpoint SET retired_at = at, retirement = signed
        WHERE tenant_id = tenant AND id = oldest.id;
    RETURN coalesce(cardinality(ids), 0);
END
$$
"""
DOORS = ("audit_redact(uuid[])", "audit_retire(bigint, timestamptz, bytea)")


def shut(apps, editor):
    role = editor.quote_name(application_role())
    for table in TABLES:
        editor.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse_change()"
        )
        editor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM {role}")
    for door in DOORS:
        editor.execute(f"REVOKE ALL ON FUNCTION {door} FROM PUBLIC")
        editor.execute(f"GRANT EXECUTE ON FUNCTION {door} TO {role}")


def open_again(apps, editor):
    role = editor.quote_name(application_role())
    for table in TABLES:
        editor.execute(f"DROP TRIGGER append_only ON {table}")
    editor.execute(f"GRANT UPDATE, DELETE ON audit_auditdetail TO {role}")


class Migration(migrations.Migration):
    dependencies = [
        ("audit", "0002_sealing"),
    ]

    operations = [
        migrations.RunSQL(REFUSE_CHANGE, "DROP FUNCTION audit_refuse_change()"),
        migrations.RunSQL(REDACT, f"DROP FUNCTION {DOORS[0]}"),
        migrations.RunSQL(RETIRE, f"DROP FUNCTION {DOORS[1]}"),
        migrations.RunPython(shut, open_again),
    ]
