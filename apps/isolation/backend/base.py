"""PostgreSQL as Django speaks it, with compilers that refuse what leaves the tenant.

The serving alias names this package as its ENGINE. The owner's alias keeps Django's own: it
migrates and vacuums, for no tenant.
"""

from django.db.backends.postgresql import base
from django.db.backends.postgresql.features import DatabaseFeatures as PostgresFeatures
from django.db.backends.postgresql.operations import DatabaseOperations as PostgresOperations
from django.db.models import Model


class DatabaseFeatures(PostgresFeatures):
    def allows_group_by_selected_pks_on_model(self, model: type[Model]) -> bool:
        """Grouping by Django's `id` is not enough: the table's key is (tenant_id, id)."""
        is_allowed: bool = super().allows_group_by_selected_pks_on_model(model)
        return is_allowed and not hasattr(model, "tenant_id")


class DatabaseOperations(PostgresOperations):
    compiler_module = "apps.isolation.backend.compiler"


class DatabaseWrapper(base.DatabaseWrapper):
    features_class = DatabaseFeatures
    ops_class = DatabaseOperations
