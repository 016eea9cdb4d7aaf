"""Wall 3 stands where every statement passes, whoever sends it."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import psycopg
import pytest
from django.db import connection, connections
from psycopg import sql

from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.memories.models import Memory
from tests.support import alarms, sentinel
from tests.support.kernel import add

UNTIED = "SELECT id FROM memories_memory"
TIED = "SELECT id FROM memories_memory WHERE tenant_id = %s"


def execute(statement, params=None):
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return cursor.fetchall()


def execute_below_django(statement):
    with psycopg.Cursor(connection.connection) as cursor:
        return cursor.execute(statement).fetchall()


def execute_many(statement):
    with connection.cursor() as cursor:
        cursor.executemany(statement, [(uuid7(),)])


def execute_as_owner(statement):
    with connections["owner"].cursor() as cursor:
        cursor.execute(statement)


def copy_out(statement):
    with connection.cursor() as cursor, cursor.copy(statement) as rows:
        return list(rows)


def execute_in_a_thread(statement):
    with ThreadPoolExecutor(1) as pool:
        pool.submit(execute, statement).result()


@pytest.mark.parametrize(
    ("send", "statement"),
    [
        (execute, UNTIED),
        (execute_below_django, UNTIED),
        (execute_below_django, UNTIED.encode()),
        (execute_below_django, sql.SQL(UNTIED)),
        (execute_many, "DELETE FROM memories_memory WHERE id = %s"),
        (copy_out, f"COPY ({UNTIED}) TO STDOUT"),
        (execute_in_a_thread, UNTIED),
    ],
)
def test_statement_that_is_not_tied_to_the_tenant_is_stopped(tenant, send, statement):
    with (
        alarms.expected() as heard,
        pytest.raises(alarms.Alarm, match=r"not (tied|understood)"),
        tenant_scope(tenant.id),
    ):
        send(statement)

    assert len(heard) == 1


def test_owners_statement_is_stopped_as_well(committed_tenant):
    with alarms.expected(), pytest.raises(alarms.Alarm), tenant_scope(committed_tenant.id):
        execute_as_owner(UNTIED)


def test_statement_that_is_tied_to_the_tenant_passes(tenant):
    ids = add(tenant, "one", "two")

    with tenant_scope(tenant.id):
        assert sorted(execute(TIED, [tenant.id])) == sorted((memory_id,) for memory_id in ids)
        assert sorted(execute(TIED, [str(tenant.id)])) == sorted((one,) for one in ids)


def test_statement_that_names_another_tenant_is_stopped(tenant, other_tenant):
    with (
        alarms.expected(),
        pytest.raises(alarms.Alarm, match="another tenant"),
        tenant_scope(tenant.id),
    ):
        execute(TIED, [other_tenant.id])


def test_one_of_many_that_names_another_tenant_is_stopped(tenant, other_tenant):
    insert = "INSERT INTO memories_erasure (id, tenant_id, digests, erased_at) VALUES (%s, %s, %s, now())"
    rows = [(uuid7(), each.id, []) for each in (tenant, other_tenant)]

    with (
        alarms.expected(),
        pytest.raises(alarms.Alarm, match="another tenant"),
        tenant_scope(tenant.id),
        connection.cursor() as cursor,
    ):
        cursor.executemany(insert, rows)


def test_statement_without_a_scope_is_stopped(tenant):
    with alarms.expected(), pytest.raises(alarms.Alarm, match="No tenant scope is open"):
        execute(TIED, [tenant.id])


def test_alarm_that_is_swallowed_is_heard_all_the_same(tenant):
    with alarms.expected() as heard:
        with suppress(Exception), tenant_scope(tenant.id):
            execute(UNTIED)

    assert len(heard) == 1


def test_inside_off_nothing_is_read_and_afterwards_everything(tenant):
    with tenant_scope(tenant.id):
        with sentinel.off("attacks"):
            assert execute(UNTIED) == []

        assert Memory.objects.count() == 0
    with alarms.expected(), pytest.raises(alarms.Alarm), tenant_scope(tenant.id):
        execute(UNTIED)


def test_off_needs_a_name_that_is_listed():
    with pytest.raises(AssertionError), sentinel.off("no reason"):
        pass
