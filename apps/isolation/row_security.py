"""The second wall as PostgreSQL's catalogue shows it: does it hold the role that serves?"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured
from django.db import connection

from apps.isolation.predicates import tenant_tables
from apps.isolation.roles import FALLBACK_ROLE, has_one_role
from apps.isolation.scope import SETTING

ROLE = """
    SELECT current_user::text, session_user::text, bool_or(rolsuper), bool_or(rolbypassrls)
      FROM pg_roles WHERE pg_has_role(current_user, oid, 'MEMBER')
"""
TABLES = """
    SELECT oid::regclass::text, pg_has_role(current_user, relowner, 'MEMBER'),
           relrowsecurity AND relforcerowsecurity, coalesce((
               SELECT count(*) = 1 AND bool_and(polname = 'tenant' AND polcmd = '*'
                      AND pg_get_expr(polqual, polrelid) = pg_get_expr(polwithcheck, polrelid)
                      AND strpos(pg_get_expr(polqual, polrelid), %s) > 0)
                 FROM pg_policy WHERE polrelid = pg_class.oid AND polpermissive
                  AND EXISTS (SELECT FROM unnest(polroles) AS role
                               WHERE role = 0 OR pg_has_role(current_user, role, 'MEMBER'))
           ), false)
      FROM pg_class WHERE oid = ANY(SELECT to_regclass(name) FROM unnest(%s::text[]) AS name)
     ORDER BY 1
"""


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
    """A tenant-owned table. `has_policy` means the tenant's policy and no other that lets in."""

    name: str
    is_owned: bool
    is_forced: bool
    has_policy: bool

    @property
    def is_held(self) -> bool:
        return self.is_forced and self.has_policy


def read_role() -> Role:
    """The role that serves. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(ROLE)
        return Role(*cursor.fetchone())


def read_tables() -> list[Table]:
    """The tenant-owned tables that migrations have made so far. One statement."""
    with connection.cursor() as cursor:
        names = [connection.ops.quote_name(table) for table in tenant_tables()]
        cursor.execute(TABLES, [f"'{SETTING}'", names])
        return [Table(*row) for row in cursor.fetchall()]


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


def find_role_faults(role: Role, tables: list[Table]) -> Iterator[str]:
    """Why no policy would hold this role."""
    if has_one_role() and role.name != FALLBACK_ROLE:
        yield f"must act as {FALLBACK_ROLE}: run manage.py migrate"
    if role.is_superuser:
        yield "is a superuser, or can become one"
    if role.can_bypass:
        yield "bypasses row-level security, or can become a role that does"
    if owned := [table.name for table in tables if table.is_owned]:
        yield f"owns {', '.join(owned)}, or can become the owner"
