"""What every tenant-owned row is."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.lookups import Exact

from apps.common.ids import uuid7
from apps.common.personal_data import OURS, Classified
from apps.isolation.scope import TenantScopeError, current_scope, current_tenant_id


class TenantManager(models.Manager[Any]):
    """Sees the rows of the scope's tenant; raises TenantScopeError outside a scope."""

    def get_queryset(self) -> models.QuerySet[Any]:
        rows, scope = super().get_queryset(), current_scope()
        return rows.filter(tenant_id=scope.tenant_id) if scope.is_filtered else rows


class TenantOwned(models.Model):
    """A row that belongs to one tenant. Its table is made by `MakeTenantOwned`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant_id = models.UUIDField(default=current_tenant_id, editable=False)

    objects = TenantManager()

    class PersonalData(Classified):
        id = OURS
        tenant_id = OURS

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Django deletes an instance by its id alone, past every manager."""
        scope = current_scope()
        if scope.is_filtered and self.tenant_id != scope.tenant_id:
            raise TenantScopeError("A row of another tenant can't be deleted in this scope.")
        return super().delete(*args, **kwargs)


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A reference inside one tenant. The database holds it as (tenant_id, id), not Django."""

    def __init__(self, to: Any, on_delete: Any = models.DO_NOTHING, **kwargs: Any) -> None:
        kwargs.setdefault("db_constraint", False)
        kwargs.setdefault("db_index", False)
        kwargs.setdefault("related_name", "+")
        super().__init__(to, on_delete, **kwargs)

    def get_extra_restriction(self, alias: str | None, related_alias: str) -> Any:
        """Joins stay in the tenant, and use the primary key's index, which begins with it."""
        if alias is None:  # Django trims the join: what is left has to name the tenant itself
            return None
        theirs, ours = (_tenant_field(model) for model in (self.related_model, self.model))
        return Exact(theirs.get_col(alias), ours.get_col(related_alias))


def _tenant_field(model: Any) -> Any:
    return model._meta.get_field("tenant_id")
