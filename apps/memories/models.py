"""Entities, their memories with versions, and what finds them."""

from collections.abc import Mapping
from typing import ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.common.personal_data import (
    COMPUTED,
    LOGGED,
    OBSERVED,
    OURS,
    PROVIDED,
    Classified,
    Nobodys,
    OfEntities,
    PartOf,
    Whose,
)
from apps.isolation.models import TenantForeignKey, TenantManager, TenantOwned
from apps.keys.fields import SealedJSONField, SealedTextField
from apps.memories.enums import EntityFlag, EntityKind, MessageRole, VersionEvent
from apps.memories.fields import EmbeddingField, TermsField

TOKEN_BYTES = 32


class Entity(TenantOwned):
    """Who memories belong to: a user, agent, app or run, by the application's own id."""

    kind = models.CharField(max_length=5, choices=EntityKind)
    token = models.BinaryField(max_length=TOKEN_BYTES)
    external_id = SealedTextField()
    speakers = SealedJSONField(null=True)
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


class MemoryQuerySet(models.QuerySet["Memory"]):
    def live(self) -> "MemoryQuerySet":
        """Without those whose text was destroyed."""
        return self.filter(deleted_at=None)


class MemoryManager(TenantManager.from_queryset(MemoryQuerySet)):  # type: ignore[misc]
    pass


class Memory(ScopedByEntities):
    """One statement kept for an entity. After a delete the row stays without anything readable."""

    text = SealedTextField(null=True)
    metadata = SealedJSONField(null=True)
    categories = SealedJSONField(null=True)
    speaker = SealedTextField(null=True)
    role = models.CharField(max_length=9, choices=MessageRole)
    digest = models.BinaryField(max_length=TOKEN_BYTES, null=True)
    is_immutable = models.BooleanField(default=False)
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    objects: ClassVar[MemoryManager] = MemoryManager()

    entity_names: Mapping[EntityKind, str]
    """The external ids of its entities, where a query has put them."""
    is_restricted: bool | None
    is_kept: bool | None
    """Whether one of its entities has such flags, where a query has marked it."""

    class PersonalData(ScopedByEntities.PersonalData):
        text = PROVIDED
        metadata = PROVIDED
        categories = PROVIDED
        speaker = PROVIDED
        role = PROVIDED
        digest = COMPUTED
        is_immutable = PROVIDED
        updated_at = OBSERVED
        deleted_at = OBSERVED

    class Meta(ScopedByEntities.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "digest"], name="memories_memory_digest"),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True, text__isnull=False)
                | Q(
                    deleted_at__isnull=False,
                    text__isnull=True,
                    metadata__isnull=True,
                    categories__isnull=True,
                    speaker__isnull=True,
                    digest__isnull=True,
                ),
                name="memories_memory_text_or_deleted",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "created_at", "id"],
                condition=Q(deleted_at=None),
                name="memories_memory_time",
            ),
            *(
                models.Index(
                    fields=["tenant_id", kind, "created_at", "id"],
                    condition=Q(deleted_at=None, **{f"{kind}__isnull": False}),
                    name=f"memories_memory_{kind}",
                )
                for kind in EntityKind.values
            ),
            *(
                models.Index(
                    fields=["tenant_id", kind],
                    condition=Q(deleted_at__isnull=False, **{f"{kind}__isnull": False}),
                    name=f"memories_memory_gone_{kind}",
                )
                for kind in EntityKind.values
            ),
        ]


class Version(TenantOwned):
    """One state of a memory. A delete leaves events and times, without text."""

    memory = TenantForeignKey(Memory)
    key_owner = TenantForeignKey(Entity)
    number = models.PositiveIntegerField()
    event = models.CharField(max_length=6, choices=VersionEvent)
    text = SealedTextField(null=True)
    metadata = SealedJSONField(null=True)
    created_at = models.DateTimeField()

    class PersonalData(TenantOwned.PersonalData):
        whose = PartOf("memory", "memories.Memory")
        memory = OBSERVED
        key_owner = OURS
        number = OBSERVED
        event = OBSERVED
        text = PROVIDED
        metadata = PROVIDED
        created_at = OBSERVED

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "memory", "number"], name="memories_version_number"
            ),
        ]


class EmbeddingModel(models.Model):
    """Which embedder made vectors, by name and dimensions. Global: nothing in it is a tenant's."""

    name = models.CharField(max_length=120)
    dimensions = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)

    class PersonalData(Classified):
        whose = Nobodys("which model the installation uses")
        id = OURS
        name = OURS
        dimensions = OURS
        created_at = OURS

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name", "dimensions"], name="memories_embeddingmodel_one"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.dimensions} dimensions"


class Vector(ScopedByEntities):
    """Everything that a search reads of a memory, without text. Its id is the memory's.

    `terms` counts the memory's own words, as keyed tokens; nothing is borrowed from a neighbour.
    Memories of one `thread`, in the order of their ids, are one conversation: a search lets each
    be found by the words of those just before it, for as long as they are there.
    """

    model = models.ForeignKey(EmbeddingModel, on_delete=models.PROTECT, db_index=False)
    embedding = EmbeddingField()
    terms = TermsField()
    length = models.PositiveSmallIntegerField()
    thread = models.BigIntegerField()

    class PersonalData(ScopedByEntities.PersonalData):
        whose = PartOf("id", "memories.Memory")
        user = COMPUTED  # these six repeat the memory's
        agent = COMPUTED
        app = COMPUTED
        run = COMPUTED
        created_at = COMPUTED
        expires_on = COMPUTED
        model = OURS
        embedding = COMPUTED
        terms = COMPUTED
        length = COMPUTED
        thread = COMPUTED

    class Meta(ScopedByEntities.Meta):
        indexes = [
            models.Index(fields=["tenant_id", "user", "thread", "id"], name="memories_vector_user"),
            *(
                models.Index(
                    fields=["tenant_id", kind],
                    condition=Q(**{f"{kind}__isnull": False}),
                    name=f"memories_vector_{kind}",
                )
                for kind in ("agent", "app", "run")
            ),
        ]


class Erasure(TenantOwned):
    """The journal: keyed hashes of what was deleted, so that a restore can delete it again."""

    digests = ArrayField(models.BinaryField())
    erased_at = models.DateTimeField()

    class PersonalData(TenantOwned.PersonalData):
        whose = Nobodys("hashes of our ids, under a key outside of the tenant")
        digests = OURS
        erased_at = OURS
