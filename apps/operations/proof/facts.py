"""What PostgreSQL's catalogue says of the serving role and of the tenants' tables."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from apps.isolation.models import TenantOwned, list_tenant_models, name_table
from apps.isolation.operations import TENANT_MATCHES
from apps.isolation.roles import has_one_role

GRANTED = frozenset({"SELECT", "INSERT", "UPDATE", "DELETE"})
"""The most that the serving role may do with a tenant's table."""

ROLE = """
    SELECT current_user::text, session_user::text, rolsuper, rolbypassrls,
           EXISTS (SELECT FROM pg_class WHERE oid = ANY(%(tables)s::regclass[])
                   AND pg_has_role(current_user, relowner, 'USAGE')),
           EXISTS (SELECT FROM pg_roles AS other WHERE pg_has_role(session_user, oid, 'MEMBER')
                   AND (rolsuper OR rolbypassrls OR oid IN (
                       SELECT relowner FROM pg_class WHERE oid = ANY(%(tables)s::regclass[]))))
      FROM pg_roles WHERE rolname = current_user
"""
TABLES = """
    SELECT relrowsecurity, relforcerowsecurity,
           ARRAY(SELECT polname::text FROM pg_policy WHERE polrelid = pg_class.oid ORDER BY 1),
           ARRAY(SELECT CASE WHEN polpermissive AND polcmd = '*'
                                  AND pg_get_expr(polqual, polrelid)
                                      = pg_get_expr(polwithcheck, polrelid)
                             THEN pg_get_expr(polqual, polrelid) ELSE '' END
                   FROM pg_policy WHERE polrelid = pg_class.oid AND EXISTS (
                        SELECT FROM unnest(polroles) AS role
                         WHERE role = 0 OR pg_has_role(current_user, role, 'USAGE'))),
           ARRAY(SELECT privilege FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE',
                                                    'TRUNCATE', 'REFERENCES', 'TRIGGER'])
                 AS privilege WHERE has_table_privilege(oid, privilege)),
           ARRAY(SELECT attname::text FROM pg_constraint, unnest(conkey)
                   WITH ORDINALITY AS part (number, place)
                   JOIN pg_attribute ON attnum = part.number
                  WHERE conrelid = pg_class.oid AND attrelid = pg_class.oid AND contype = 'p'
                  ORDER BY place)
      FROM unnest(%(tables)s::regclass[]) WITH ORDINALITY AS asked (relation, place)
      JOIN pg_class ON oid = relation ORDER BY asked.place
"""


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """Who statements run as. `can_leave`: its login may take a role that no policy binds.

    `is_only_login`: the same login migrates and owns the tables, so that it can leave by design.
    """

    name: str
    login: str
    is_superuser: bool
    bypasses_policies: bool
    owns_tables: bool
    can_leave: bool
    is_only_login: bool

    @property
    def faults(self) -> list[str]:
        """Why it is not kept to one tenant."""
        faults = {
            "a superuser": self.is_superuser,
            "not bound by policies": self.bypasses_policies,
            "an owner of tenants' tables": self.owns_tables,
            "able to become a role that no policy binds": self.can_leave and not self.is_only_login,
        }
        return [fault for fault, is_there in faults.items() if is_there]


@dataclass(frozen=True, slots=True)
class TableFacts:
    """A tenant-owned table. `is_bound`: one policy applies to the role, and it is the tenant's."""

    table: str
    is_enabled: bool
    is_forced: bool
    is_bound: bool
    policies: list[str]
    grants: list[str]
    primary_key: list[str]

    @property
    def faults(self) -> list[str]:
        """How it differs from what its migration made."""
        faults = {
            "row-level security off": not self.is_enabled,
            "row-level security not forced": not self.is_forced,
            "not the tenant's policy alone": not self.is_bound,
            "more granted than rows need": not GRANTED.issuperset(self.grants),
            "another primary key": self.primary_key != ["tenant_id", "id"],
        }
        return [fault for fault, is_there in faults.items() if is_there]


def quote_table(model: type[TenantOwned]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def read_role() -> RoleFacts:
    """The role that serves now. One statement."""
    [row] = _ask(ROLE)
    return RoleFacts(*(*row, has_one_role()))


def read_tables() -> list[TableFacts]:
    """Every tenant-owned table, in the order of the models. One statement."""
    names = [name_table(model) for model in list_tenant_models()]
    return [_read_table(name, row) for name, row in zip(names, _ask(TABLES), strict=True)]


def _read_table(name: str, row: Sequence[Any]) -> TableFacts:
    is_on, is_forced, policies, rules, grants, key = row
    is_bound = [_plain(rule) for rule in rules] == [_plain(TENANT_MATCHES)]
    return TableFacts(name, is_on, is_forced, is_bound, policies, grants, key)


def _plain(rule: str) -> str:
    """A rule as it was written and as PostgreSQL prints it are equal in this form."""
    for spelled in ("AS current_setting", "::text", "(", ")", " "):
        rule = rule.replace(spelled, "")
    return rule.casefold()


def _ask(sql: str) -> list[Sequence[Any]]:
    tables = [quote_table(model) for model in list_tenant_models()]
    with connection.cursor() as cursor:
        cursor.execute(sql, {"tables": tables})
        return list(cursor.fetchall())
