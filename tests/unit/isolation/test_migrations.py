"""Every migration of ours goes back and forward again, in a database of its own."""

import psycopg
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connections
from psycopg.conninfo import make_conninfo

from tests.support import sentinel

OWN = [config.label for config in apps.get_app_configs() if config.name.startswith("apps.")]
SCHEMA = """
    SELECT table_schema || '.' || table_name, column_name, data_type, is_nullable
      FROM information_schema.columns WHERE table_schema IN ('public', 'keys')
    UNION ALL
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), '' FROM pg_constraint
     WHERE connamespace IN ('public'::regnamespace, 'keys'::regnamespace)
    UNION ALL
    SELECT schemaname || '.' || tablename, indexname, indexdef, '' FROM pg_indexes
     WHERE schemaname IN ('public', 'keys')
    UNION ALL
    SELECT schemaname || '.' || tablename, policyname, qual, roles::text FROM pg_policies
    UNION ALL
    SELECT oid::regclass::text, relacl::text, relrowsecurity::text, relforcerowsecurity::text
      FROM pg_class WHERE relkind = 'r'
       AND relnamespace IN ('public'::regnamespace, 'keys'::regnamespace)
    ORDER BY 1, 2, 3, 4
"""


@pytest.fixture
def scratch(django_db_setup, django_db_blocker):
    """The alias of an empty database, reached as the owner."""
    settings = connections["owner"].settings_dict
    name = f"{settings['NAME']}_scratch"
    names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD"}
    parts = {key: settings[name] for key, name in names.items() if settings.get(name)}
    with (
        django_db_blocker.unblock(),
        psycopg.connect(make_conninfo(dbname="postgres", **parts), autocommit=True) as server,
    ):
        server.execute(f'DROP DATABASE IF EXISTS "{name}"')
        server.execute(f'CREATE DATABASE "{name}"')
        connections.databases["scratch"] = settings | {"NAME": name}
        try:
            yield "scratch"
        finally:
            connections["scratch"].close()
            del connections["scratch"], connections.databases["scratch"]
            server.execute(f'DROP DATABASE "{name}"')


def migrate(alias, *target):
    with sentinel.off("migrations"):
        call_command("migrate", *target, database=alias, verbosity=0, interactive=False)


def read_schema(alias):
    with connections[alias].cursor() as cursor:
        cursor.execute(SCHEMA)
        return cursor.fetchall()


def test_migrations_go_back_to_nothing_and_forward_again(scratch):
    migrate(scratch)
    before = read_schema(scratch)

    for label in ("memories", "tenants", "audit", "keys"):
        migrate(scratch, label, "zero")
    left = {table for table, *_ in read_schema(scratch)}
    migrate(scratch)

    assert [table for table in left if table.startswith(("public.memories", "keys."))] == []
    assert [table for table in left if table.startswith(("public.tenants", "public.audit"))] == []
    assert read_schema(scratch) == before


def test_migrations_hold_every_change_of_the_models(db):
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
