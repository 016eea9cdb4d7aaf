from concurrent.futures import ThreadPoolExecutor

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, transaction

from apps.audit.models import AuditEvent
from apps.common.ids import uuid7
from apps.isolation.scope import (
    TenantScopeError,
    current_scope,
    current_tenant_id,
    has_scope,
    pretend_scope,
    tenant_scope,
)

A, B = uuid7(), uuid7()


def read_setting():
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(current_setting('memoryhub.tenant', true), '')")
        return cursor.fetchone()[0]


def test_scope_names_its_tenant_here_and_in_the_database(db):
    with tenant_scope(A) as scope:
        assert scope is current_scope()
        assert (current_tenant_id(), read_setting()) == (A, str(A))


def test_no_scope_has_no_tenant():
    assert not has_scope()
    with pytest.raises(TenantScopeError, match="No tenant scope is open"):
        current_tenant_id()


def test_nested_scope_of_the_same_tenant_joins(db):
    with tenant_scope(A) as outer:
        outer.state["key"] = 1
        with tenant_scope(A) as inner:
            assert inner is outer

        assert (current_tenant_id(), read_setting()) == (A, str(A))


def test_nested_scope_of_another_tenant_raises_and_leaves_the_outer(db):
    with tenant_scope(A):
        with (
            pytest.raises(TenantScopeError, match="Another tenant's scope is open"),
            tenant_scope(B),
        ):
            pass

        assert (current_tenant_id(), read_setting()) == (A, str(A))


def test_scope_inside_a_transaction_leaves_no_setting(db):
    with transaction.atomic():
        with tenant_scope(A):
            pass

        assert (has_scope(), read_setting()) == (False, "")


def test_failed_scope_inside_a_transaction_leaves_no_setting(db):
    with transaction.atomic():
        with pytest.raises(ZeroDivisionError), tenant_scope(A):
            raise ZeroDivisionError

        assert (has_scope(), read_setting()) == (False, "")


def test_one_scope_after_another_has_its_own_state(db):
    with tenant_scope(A) as first:
        first.state["key"] = 1

    with tenant_scope(B) as second:
        assert (second.state, read_setting()) == ({}, str(B))


def test_committed_scope_leaves_no_setting(committed_db):
    with tenant_scope(A):
        assert connection.in_atomic_block

    assert (connection.in_atomic_block, has_scope(), read_setting()) == (False, False, "")


def test_failed_scope_leaves_no_setting(committed_db):
    with pytest.raises(ZeroDivisionError), tenant_scope(A):
        raise ZeroDivisionError

    assert (connection.in_atomic_block, has_scope(), read_setting()) == (False, False, "")


def test_scope_is_not_seen_by_another_thread(db):
    with tenant_scope(A), ThreadPoolExecutor(1) as pool:
        assert pool.submit(has_scope).result() is False


def test_scopes_of_two_threads_keep_apart(committed_db):
    def read(tenant_id):
        try:
            with tenant_scope(tenant_id):
                return current_tenant_id(), read_setting()
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(read, [A, B] * 10))

    assert seen == [(A, str(A)), (B, str(B))] * 10


def test_scope_goes_along_into_async_code(committed_tenant):
    def count():
        try:
            with tenant_scope(committed_tenant.id):
                return async_to_sync(AuditEvent.objects.all().acount)(), AuditEvent.objects.count()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(count).result() == (1, 1)


def test_pretended_scope_touches_no_database_and_ends():
    with pretend_scope(A):
        assert current_tenant_id() == A

    assert not has_scope()
