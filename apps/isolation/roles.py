"""The two database roles: one migrates, the other serves and can't bypass row-level security."""

from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper

OWNER = "owner"  # alias of the connection that migrates, vacuums and makes test databases
FALLBACK_ROLE = "memoryhub_app"  # made where an outside server gives one role only


MAKE_ROLE = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{FALLBACK_ROLE}') THEN
        CREATE ROLE {FALLBACK_ROLE} NOLOGIN;
    END IF;
END $$
"""


def has_one_role() -> bool:
    """True where DATABASE_URL and DATABASE_OWNER_URL are one login."""
    serving, owner = settings.DATABASES["default"], settings.DATABASES[OWNER]
    return bool(serving["USER"] == owner["USER"])


def application_role() -> str:
    """The role that serves, to which migrations grant."""
    return FALLBACK_ROLE if has_one_role() else str(settings.DATABASES["default"]["USER"])


def prepare_roles(connection: BaseDatabaseWrapper) -> None:
    """Make what the migrations stand on: the serving role, its defaults, schema `keys`.

    Runs as the owner before each migrate; running it again changes nothing.
    """
    quote = connection.ops.quote_name
    role = quote(application_role())
    with connection.cursor() as cursor:
        if has_one_role():
            for statement in _one_role_statements(connection):
                cursor.execute(statement)
        cursor.execute("CREATE SCHEMA IF NOT EXISTS keys")
        for schema in ("public", "keys"):
            cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {role}")
        cursor.execute(
            "ALTER DEFAULT PRIVILEGES IN SCHEMA public"
            f" GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}"
        )
        cursor.execute(
            f"ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE ON SEQUENCES TO {role}"
        )


def _one_role_statements(connection: BaseDatabaseWrapper) -> list[str]:
    """Serving sessions of the single login run as a role that owns nothing.

    Set for the login in this database, so that it survives RESET ROLE and PgBouncer; the owner's
    connection begins as the login itself (see memoryhub/database.py).
    """
    quote = connection.ops.quote_name
    login = quote(settings.DATABASES[OWNER]["USER"])
    database = quote(connection.settings_dict["NAME"])
    role = quote(FALLBACK_ROLE)
    return [
        MAKE_ROLE,
        f"GRANT {role} TO {login}",
        f"ALTER ROLE {login} IN DATABASE {database} SET role TO {role}",
    ]
