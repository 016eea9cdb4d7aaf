"""Entities, and what a row says that belongs to them."""

from uuid import UUID

from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.common.personal_data import (
    COMPUTED,
    LOGGED,
    OBSERVED,
    OURS,
    PROVIDED,
    Nobodys,
    OfEntities,
    Whose,
)
from apps.isolation.models import TenantForeignKey, TenantOwned
from apps.keys.fields import SealedJSONField, SealedTextField
from apps.memories.enums import EntityFlag, EntityKind
from apps.memories.fields import TOKEN_BYTES


class Entity(TenantOwned):
    """Who memories belong to: a user, agent, app or run, by the application's own id.

    `about` is what the application says of it: a name and metadata.
    """

    kind = models.CharField(max_length=5, choices=EntityKind)
    token = models.BinaryField(max_length=TOKEN_BYTES)
    external_id = SealedTextField()
    speakers = SealedJSONField(null=True)
    about = SealedJSONField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(default=timezone.now)
    restricted_at = models.DateTimeField(null=True)
    objected_at = models.DateTimeField(null=True)
    held_at = models.DateTimeField(null=True)
    erasing_at = models.DateTimeField(null=True)

    class PersonalData(TenantOwned.PersonalData):
        whose = OfEntities("id")
        kind = PROVIDED
        token = COMPUTED
        external_id = PROVIDED
        speakers = PROVIDED
        about = PROVIDED
        created_at = OBSERVED
        last_used_at = OBSERVED
        restricted_at = OBSERVED
        objected_at = OBSERVED
        held_at = LOGGED
        erasing_at = LOGGED

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "kind", "token"], name="memories_entity_token"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=EntityKind.values), name="memories_entity_kind"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "kind", "last_used_at", "id"], name="memories_entity_use"
            ),
            *(
                models.Index(
                    fields=["tenant_id", "id"],
                    condition=Q(**{f"{flag}_at__isnull": False}),
                    name=f"memories_entity_{flag}",
                )
                for flag in (EntityFlag.RESTRICTED.value, EntityFlag.HELD.value)
            ),
        ]

    @property
    def key_owner_id(self) -> UUID:
        return self.id

    @property
    def flags(self) -> list[EntityFlag]:
        return [flag for flag in EntityFlag if getattr(self, f"{flag}_at")]


class BlockedId(TenantOwned):
    """An external id that may not be written again, as a keyed hash: nothing else is left of it."""

    kind = models.CharField(max_length=5, choices=EntityKind)
    token = models.BinaryField(max_length=TOKEN_BYTES)
    blocked_at = models.DateTimeField(default=timezone.now)

    class PersonalData(TenantOwned.PersonalData):
        whose = Nobodys("keyed hashes of ids that were erased and stay blocked")
        kind = OURS
        token = COMPUTED.kept("so that an erased id can't be written again, where the tenant asks")
        blocked_at = OURS

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "token"], name="memories_blockedid_token"),
        ]


class ScopedByEntities(TenantOwned):
    """A row that belongs to up to one entity of each kind. The first of them owns its key."""

    key_owner = TenantForeignKey(Entity)
    user = TenantForeignKey(Entity, null=True)
    agent = TenantForeignKey(Entity, null=True)
    app = TenantForeignKey(Entity, null=True)
    run = TenantForeignKey(Entity, null=True)
    created_at = models.DateTimeField()
    expires_on = models.DateField(null=True)

    is_restricted: bool | None
    """Whether one of its entities has this flag, where a query has marked the row."""

    class PersonalData(TenantOwned.PersonalData):
        whose: Whose = OfEntities("user", "agent", "app", "run")
        key_owner = OURS
        user = PROVIDED
        agent = PROVIDED
        app = PROVIDED
        run = PROVIDED
        created_at = PROVIDED
        expires_on = PROVIDED

    class Meta(TenantOwned.Meta):
        abstract = True

    @property
    def all_entity_ids(self) -> tuple[UUID | None, ...]:
        """In the order of EntityKind."""
        return self.user_id, self.agent_id, self.app_id, self.run_id

    @property
    def entity_ids(self) -> list[UUID]:
        return [entity_id for entity_id in self.all_entity_ids if entity_id is not None]
