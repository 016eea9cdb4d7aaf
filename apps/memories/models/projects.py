"""What applications set for all memories of a tenant, and what they have handed out."""

from django.db import models
from django.utils import timezone

from apps.common.personal_data import LOGGED, OURS, Nobodys, OfEntities
from apps.isolation.models import TenantForeignKey, TenantOwned
from apps.keys.fields import SealedJSONField
from apps.memories.models.entities import Entity


class Project(TenantOwned):
    """What a tenant's applications have set for its memories: at most one row a tenant."""

    values = SealedJSONField()
    updated_at = models.DateTimeField(default=timezone.now)

    class PersonalData(TenantOwned.PersonalData):
        whose = Nobodys("settings of the tenant")
        values = OURS
        updated_at = OURS

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id"], name="memories_project_one"),
        ]

    @property
    def key_owner_id(self) -> None:
        """It is sealed under the tenant's key."""


class MemoryExport(TenantOwned):
    """A schema and a filter by which memories are handed out. It holds none of them itself.

    `key_owner` is an entity that the filter names, if there is one: with its key goes the filter.
    """

    key_owner = TenantForeignKey(Entity, null=True)
    request = SealedJSONField()
    created_at = models.DateTimeField(default=timezone.now)

    class PersonalData(TenantOwned.PersonalData):
        whose = OfEntities("key_owner")
        key_owner = LOGGED
        request = LOGGED
        created_at = LOGGED

    class Meta(TenantOwned.Meta):
        indexes = [
            models.Index(fields=["tenant_id", "created_at"], name="memories_export_time"),
        ]
