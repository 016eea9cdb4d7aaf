"""The second wall as PostgreSQL's catalogue shows it: does it hold the role that serves?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.db import connection, models

from apps.isolation.models import TenantOwned
from apps.isolation.operations import TENANT_MATCHES
from apps.isolation.roles import FALLBACK_ROLE, has_one_role

ROLE = """
    SELECT current_user::text, session_user::text, bool_or(rolsuper), bool_or(rolbypassrls)
      FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER')
"""
TABLES = """
    SELECT oid::regclass::text, pg_has_role(current_user, relowner, 'MEMBER'),
           relrowsecurity AND relforcerowsecurity,
           ARRAY(SELECT CASE WHEN polcmd = '*' AND pg_get_expr(polqual, polrelid)
                                               = pg_get_expr(polwithcheck, polrelid)
                             THEN pg_get_expr(polqual, polrelid) ELSE '' END
                   FROM pg_policy WHERE polrelid = pg_class.oid AND polpermissive
                    AND EXISTS (SELECT FROM unnest(polroles) AS role
                                 WHERE role = 0 OR pg_has_role(current_user, role, 'MEMBER'))),
           ARRAY(SELECT polname::text FROM pg_policy WHERE polrelid = pg_class.oid ORDER BY 1),
           ARRAY(SELECT right_ FROM unnest(%s::text[]) AS right_
                  WHERE has_table_privilege(oid, right_)),
           ARRAY(SELECT attname::text FROM pg_constraint, unnest(conkey)
                   WITH ORDINALITY AS part (number, place)
                   JOIN pg_attribute ON attnum = part.number
                  WHERE conrelid = pg_class.oid AND attrelid = pg_class.oid AND contype = 'p'
                  ORDER BY place)
      FROM pg_class WHERE oid = ANY(SELECT to_regclass(name) FROM unnest(%s::text[]) AS name)
     ORDER BY 1
"""
RIGHTS = ["SELECT", "INSERT", "UPDATE", "DELETE"]  # the most that rows need
OTHER_RIGHTS = ["TRUNCATE", "REFERENCES", "TRIGGER"]


class RowSecurityMissing(ImproperlyConfigured):
    """PostgreSQL does not keep the serving role to one tenant's rows."""


@dataclass(frozen=True, slots=True)
class Role:
    """Who statements run as. What it can become counts as what it is."""

    name: str
    login: str
    is_superuser: bool
    can_bypass: bool

    @property
    def can_leave(self) -> bool:
        """Policies and grants bind the application, but not everything that this login can do."""
        return self.login != self.name


@dataclass(frozen=True, slots=True)
class Table:
    """A tenant-owned table. `rules` are those of the policies that let this role in."""

    name: str
    is_owned: bool
    is_forced: bool
    rules: list[str]
    policies: list[str]
    rights: list[str]
    primary_key: list[str]

    @property
    def has_policy(self) -> bool:
        """The tenant's, and no other that lets in."""
        return [_plain(rule) for rule in self.rules] == [_plain(TENANT_MATCHES)]

    @property
    def is_held(self) -> bool:
        return self.is_forced and self.has_policy

    @property
    def faults(self) -> list[str]:
        """How it differs from what its migration made, where that loosens something."""
        faults = {
            "row-level security not enabled and forced": not self.is_forced,
            "not the tenant's policy alone": not self.has_policy,
            "more rights than rows need": not set(self.rights) <= set(RIGHTS),
            "another primary key": self.primary_key != ["tenant_id", "id"],
        }
        return [fault for fault, is_there in faults.items() if is_there]


def read_role() -> Role:
    """The role that serves. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(ROLE)
        return Role(*cursor.fetchone())


def read_tables() -> list[Table]:
    """The tenant-owned tables that migrations have made so far. One statement."""
    with connection.cursor() as cursor:
        tables = [quote_table(model) for model in list_models()]
        cursor.execute(TABLES, [RIGHTS + OTHER_RIGHTS, tables])
        return [Table(*row) for row in cursor.fetchall()]


def list_models() -> list[type[TenantOwned]]:
    return [model for model in apps.get_models() if issubclass(model, TenantOwned)]


def quote_table(model: type[models.Model]) -> str:
    return connection.ops.quote_name(model._meta.db_table)


def name_table(model: type[models.Model]) -> str:
    """As PostgreSQL prints it."""
    return model._meta.db_table.replace('"', "")


def check_row_security() -> None:
    """Raises RowSecurityMissing, with one line, where the second wall does not stand.

    Two statements. Tables that migrations have not made yet are no fault.
    """
    role, tables = read_role(), read_tables()
    for fault in find_role_faults(role, tables):
        raise RowSecurityMissing(
            f"MemoryHub does not serve as the database role {role.name}, which {fault}."
        )
    if open_tables := [table.name for table in tables if not table.is_held]:
        raise RowSecurityMissing(
            "MemoryHub does not serve while row-level security is not enabled, forced and left to"
            f" the policy of the tenant alone on {', '.join(open_tables)}."
        )


def find_role_faults(role: Role, tables: Sequence[Table]) -> Iterator[str]:
    """Why no policy would hold this role."""
    if has_one_role() and role.name != FALLBACK_ROLE:
        yield f"must act as {FALLBACK_ROLE}: run manage.py migrate"
    if role.is_superuser:
        yield "is a superuser, or can become one"
    if role.can_bypass:
        yield "bypasses row-level security, or can become a role that does"
    if owned := [table.name for table in tables if table.is_owned]:
        yield f"owns {', '.join(owned)}, or can become the owner"


def _plain(rule: str) -> str:
    """A rule as it was written and as PostgreSQL prints it are equal in this form."""
    for spelled in ("AS current_setting", "::text", "(", ")", " "):
        rule = rule.replace(spelled, "")
    return rule.casefold()
