"""What every tenant-owned row is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.apps import apps
from django.db import models

from apps.common.ids import uuid7
from apps.isolation.scope import TenantScopeError, current_tenant_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models.fields import Field

M_co = TypeVar("M_co", bound=models.Model, covariant=True)


class TenantQuerySet(models.QuerySet[M_co]):
    """Refuses to write a row of another tenant, or to move one there."""

    def update(self, **kwargs: Any) -> int:
        if "tenant_id" in kwargs:
            raise TenantScopeError("A row can't move to another tenant.")
        return super().update(**kwargs)

    def _insert(self, objs: Iterable[Any], fields: Sequence[Field[Any, Any]], **kwargs: Any) -> Any:
        tenant_id = current_tenant_id()
        objs = list(objs)
        if any(obj.tenant_id != tenant_id for obj in objs):
            raise TenantScopeError("A row of another tenant can't be written in this scope.")
        return super()._insert(objs, fields, **kwargs)  # type: ignore[misc]

    _insert.alters_data = True  # type: ignore[attr-defined]
    _insert.queryset_only = False  # type: ignore[attr-defined]


class TenantManager(models.Manager.from_queryset(TenantQuerySet)):  # type: ignore[misc]
    """Sees the rows of the scope's tenant; raises TenantScopeError outside a scope."""

    def get_queryset(self) -> TenantQuerySet[Any]:
        queryset: TenantQuerySet[Any] = super().get_queryset()
        return queryset.filter(tenant_id=current_tenant_id())


class TenantOwned(models.Model):
    """A row that belongs to one tenant. Its table is made by `MakeTenantOwned`."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant_id = models.UUIDField(default=current_tenant_id, editable=False)

    objects = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        """Django deletes an instance by its id alone, past every manager."""
        if self.tenant_id != current_tenant_id():
            raise TenantScopeError("A row of another tenant can't be deleted in this scope.")
        return super().delete(*args, **kwargs)


class TenantForeignKey(models.ForeignKey[Any, Any]):
    """A reference inside one tenant. The database holds it as (tenant_id, id), not Django."""

    def __init__(self, to: Any, on_delete: Any = models.DO_NOTHING, **kwargs: Any) -> None:
        kwargs.setdefault("db_constraint", False)
        kwargs.setdefault("db_index", False)
        kwargs.setdefault("related_name", "+")
        super().__init__(to, on_delete, **kwargs)


def list_tenant_models() -> list[type[TenantOwned]]:
    return [model for model in apps.get_models() if issubclass(model, TenantOwned)]


def name_table(model: type[TenantOwned]) -> str:
    """As people write it, without quotes."""
    return model._meta.db_table.replace('"', "")
