"""Does a compiled query name the open scope's tenant for each tenant's table that it touches?"""

import functools
from typing import Any
from uuid import UUID

from django.apps import apps
from django.db.models import Q
from django.db.models.expressions import Col
from django.db.models.lookups import Exact
from django.db.models.sql.where import WhereNode

from apps.isolation.models import TenantForeignKey, TenantOwned
from apps.isolation.scope import TenantScopeError, current_scope

COLUMN = "tenant_id"


@functools.cache
def tenant_tables() -> frozenset[str]:
    return frozenset(
        model._meta.db_table for model in apps.get_models() if issubclass(model, TenantOwned)
    )


def check_tables(query: Any, where: Any) -> None:
    """Each tenant's table in FROM is tied to the tenant, in WHERE or through its join."""
    if query.extra_tables:
        raise TenantScopeError("extra() is refused: write a queryset.")
    tables, used = tenant_tables(), query.alias_refcount
    joins = [
        join
        for join in query.alias_map.values()
        if join.table_name in tables and used[join.table_alias]
    ]
    scope = current_scope() if joins else None
    if scope is None or not scope.is_filtered:
        return
    tied = _tied_aliases(where, scope.tenant_id) if where is not None else set()
    for join in joins:  # in the order of the joins: the one that is joined to comes first
        if join.table_alias not in tied:
            if not _stays_in_tenant(join, tied):
                raise TenantScopeError(f"{join.table_name} is read without the tenant's predicate.")
            tied.add(join.table_alias)


def check_inserted(query: Any) -> None:
    if not _is_guarded(query):
        return
    tenant_id = current_scope().tenant_id
    if any(getattr(row, COLUMN, None) != tenant_id for row in query.objs):
        raise TenantScopeError("A row of another tenant can't be written in this scope.")
    if any(field.column == COLUMN for field in query.update_fields or ()):
        raise TenantScopeError("A row can't move to another tenant.")


def check_updated(query: Any) -> None:
    """`save()` writes every column, the tenant's too: it must be the one that the row has."""
    if not _is_guarded(query):
        return
    tenant_id = current_scope().tenant_id
    if any(field.column == COLUMN and value != tenant_id for field, _, value in query.values):
        raise TenantScopeError("A row can't move to another tenant.")


def bind_tenant(query: Any) -> None:
    """Narrow an update or a delete to the scope's tenant, unless its manager has."""
    if not _is_guarded(query):
        return
    tenant_id, alias = current_scope().tenant_id, query.get_initial_alias()
    if alias not in _tied_aliases(query.where, tenant_id):
        if any(_is_on_tenant(condition) for condition in query.where.children):
            raise TenantScopeError("These rows were chosen in another tenant's scope.")
        query.add_q(Q(**{COLUMN: tenant_id}))


def _is_guarded(query: Any) -> bool:
    return query.get_meta().db_table in tenant_tables() and current_scope().is_filtered


def _tied_aliases(node: Any, tenant_id: UUID) -> set[str]:
    """Aliases whose rows can only be the tenant's wherever this condition holds."""
    if _is_on_tenant(node):
        return {node.lhs.alias} if node.rhs == tenant_id else set()
    if not isinstance(node, WhereNode) or node.negated or not node.children:
        return set()
    found = [_tied_aliases(child, tenant_id) for child in node.children]
    if node.connector == Q.AND:
        return set.union(*found)
    return set.intersection(*found)  # OR, XOR: one of them is true


def _is_on_tenant(node: Any) -> bool:
    """Is it `alias.tenant_id = ...`, as a manager adds it?"""
    return type(node) is Exact and type(node.lhs) is Col and node.lhs.target.column == COLUMN


def _stays_in_tenant(join: Any, tied: set[str]) -> bool:
    """A TenantForeignKey, followed either way, joins on the tenant as well."""
    if join.parent_alias not in tied:
        return False
    field = getattr(join.join_field, "field", join.join_field)
    return isinstance(field, TenantForeignKey)
