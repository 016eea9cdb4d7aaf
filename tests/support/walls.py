"""Takes down walls for a test: 1, the ORM's row filters; 2, row-level security; 3, the sentinel."""

from contextlib import ExitStack, contextmanager

from django.db import connection, connections, transaction
from django.db.backends.postgresql import compiler as stock_compiler

from apps.audit.domain.bypass import BypassReason, unfiltered_scope
from apps.common.actor import SYSTEM
from apps.isolation.backend.base import DatabaseWrapper
from apps.isolation.scope import tenant_scope
from tests.support import sentinel


@contextmanager
def walls(*standing):
    """A transaction in which only these stand; hands out how to open a tenant's scope in it."""
    with ExitStack() as stack:
        if 2 not in standing:
            stack.enter_context(served_as_owner())
        if 3 not in standing:
            stack.enter_context(sentinel.off("attacks"))
        stack.enter_context(rolled_back())
        yield tenant_scope if 1 in standing else unguarded_scope


@contextmanager
def unguarded_scope(tenant_id):
    """Behind the door, and with Django's own compilers, which let raw SQL pass as well."""
    scope = unfiltered_scope(tenant_id=tenant_id, reason=BypassReason.ISOLATION_PROOF, by=SYSTEM)
    with scope:
        connection.ops._cache = stock_compiler
        try:
            yield
        finally:
            connection.ops._cache = None


@contextmanager
def served_as_owner():
    """Our backend as the owner's role, whose policy lets it see every row."""
    serving = connections["default"]
    connections["default"] = DatabaseWrapper(connections["owner"].settings_dict, alias="default")
    try:
        yield
    finally:
        connections["default"].close()
        connections["default"] = serving


@contextmanager
def rolled_back():
    block = transaction.atomic()
    block._from_testcase = True  # the test's own, not one that the application has opened
    with block:
        yield
        transaction.set_rollback(True)
