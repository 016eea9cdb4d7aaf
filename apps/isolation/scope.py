"""The tenant at hand. There is no default: outside a scope every tenant query raises."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from apps.isolation.prepared import open_prepared_cursor

SETTING = "memoryhub.tenant"  # read by the policies of row-level security

ENTER = "SELECT set_config(%s, %s, true), keys.read_tenant_key(%s)"
ENTER_PLANNED = f"{ENTER}, set_config('plan_cache_mode', 'force_generic_plan', true)"

INSTANCE_TENANT_ID = UUID("00000000-0000-7000-8000-000000000001")
"""The tenant of what belongs to no customer: the instance's own audit chain and secrets."""


class TenantScopeError(Exception):
    """A tenant query outside a scope, or inside another tenant's."""


@dataclass(slots=True)
class Scope:
    """One tenant in one transaction. `state` holds what may live no longer than that."""

    tenant_id: UUID
    wrapped_key: bytes | None = None  # the tenant's, read by the statement that opens the scope
    is_filtered: bool = True  # False only behind the door in `audit`
    state: dict[str, Any] = field(default_factory=dict)


_active: ContextVar[Scope | None] = ContextVar("tenant_scope", default=None)


@contextmanager
def tenant_scope(tenant_id: UUID, *, plans_once: bool = False) -> Iterator[Scope]:
    """Open a transaction in which rows of this tenant, and no others, can be reached.

    Inside a scope of the same tenant it joins that one; of another tenant it raises. With
    `plans_once` PostgreSQL uses one plan of each prepared statement for all values: for requests
    that come often, where planning costs more than a better plan would save.
    """
    outer = _active.get()
    if outer is not None:
        if outer.tenant_id != tenant_id:
            raise TenantScopeError("Another tenant's scope is open.")
        yield outer
        return
    with transaction.atomic():
        is_nested = len(connection.savepoint_ids) > 0
        scope = Scope(tenant_id, _enter(tenant_id, ENTER_PLANNED if plans_once else ENTER))
        token = _active.set(scope)
        try:
            yield scope
        finally:
            _active.reset(token)
        if is_nested:  # the setting outlives a released savepoint
            _leave()


@contextmanager
def pretend_scope(tenant_id: UUID) -> Iterator[None]:
    """A scope without a database, in which statements are compiled and none may run."""
    token = _active.set(Scope(tenant_id))
    try:
        yield
    finally:
        _active.reset(token)


def current_scope() -> Scope:
    """The open scope; TenantScopeError outside one."""
    scope = _active.get()
    if scope is None:
        raise TenantScopeError("No tenant scope is open.")
    return scope


def current_tenant_id() -> UUID:
    return current_scope().tenant_id


def has_scope() -> bool:
    return _active.get() is not None


def _enter(tenant_id: UUID, statement: str) -> bytes | None:
    """Set the tenant that the policies read, and hand out its wrapped key, in one statement."""
    with open_prepared_cursor() as cursor:
        cursor.execute(statement, [SETTING, str(tenant_id), tenant_id])
        _, wrapped, *_ = cursor.fetchone()
        return None if wrapped is None else bytes(wrapped)


def _leave() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, '', true)", [SETTING])
