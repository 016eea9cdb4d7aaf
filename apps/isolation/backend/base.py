"""PostgreSQL as Django speaks it, with compilers that refuse what leaves the tenant.

The serving alias names this package as its ENGINE. The owner's alias keeps Django's own: it
migrates and vacuums, for no tenant.
"""

from django.db.backends.postgresql import base
from django.db.backends.postgresql.operations import DatabaseOperations as PostgresOperations


class DatabaseOperations(PostgresOperations):
    compiler_module = "apps.isolation.backend.compiler"


class DatabaseWrapper(base.DatabaseWrapper):
    ops_class = DatabaseOperations
