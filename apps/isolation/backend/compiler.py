"""Wall 1 where every statement of the ORM passes, whatever manager or model it came from.

A read of a tenant's table without the tenant's predicate is refused. A write gets the predicate,
since Django itself updates and deletes by primary key alone, past every manager. Raw SQL is
refused altogether: nothing here could say whose rows it reads.
"""

from typing import Any

from django.db.backends.postgresql import compiler as postgresql
from django.db.models.expressions import RawSQL
from django.db.models.sql import DeleteQuery, RawQuery
from django.db.models.sql.compiler import SQLCompiler as BaseSQLCompiler
from django.db.models.sql.where import ExtraWhere, WhereNode

from apps.isolation import predicates
from apps.isolation.scope import TenantScopeError

RAW = (RawSQL, ExtraWhere)

Sql = tuple[str, Any]


class _Guarded(BaseSQLCompiler):
    """What all compilers refuse."""

    where: WhereNode | None

    def __init__(self, query: Any, *args: Any, **kwargs: Any) -> None:
        if isinstance(query, RawQuery):
            raise TenantScopeError("raw() is refused: write a queryset.")
        super().__init__(query, *args, **kwargs)

    def compile(self, node: Any) -> Sql:
        """Django's, without a call of its own: it is run for every node of a statement."""
        if isinstance(node, RAW):
            raise TenantScopeError("RawSQL and extra() are refused: write an expression.")
        write = getattr(node, "as_postgresql", None) or node.as_sql
        return write(self, self.connection)

    def get_from_clause(self) -> Any:
        """Called when all joins are known: select_related and order_by add theirs before it."""
        clause = super().get_from_clause()
        predicates.check_tables(self.query, self.where)
        return clause


class SQLCompiler(_Guarded, postgresql.SQLCompiler):
    pass


class SQLInsertCompiler(_Guarded, postgresql.SQLInsertCompiler):
    def as_sql(self) -> list[Sql]:  # type: ignore[override]
        predicates.check_inserted(self.query)
        return super().as_sql()


class SQLUpdateCompiler(_Guarded, postgresql.SQLUpdateCompiler):
    def pre_sql_setup(self) -> None:  # type: ignore[override]
        """Django has turned an update with joins into one of `pk IN (...)` here."""
        super().pre_sql_setup()
        predicates.check_updated(self.query)
        predicates.bind_tenant(self.query)


class SQLDeleteCompiler(_Guarded, postgresql.SQLDeleteCompiler):
    def _as_sql(self, query: DeleteQuery) -> Sql:
        predicates.bind_tenant(query)
        return super()._as_sql(query)  # type: ignore[misc]


class SQLAggregateCompiler(_Guarded, postgresql.SQLAggregateCompiler):
    pass
