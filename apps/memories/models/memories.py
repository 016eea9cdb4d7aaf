"""Memories, their versions, and what was thought of them."""

from collections.abc import Mapping
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.common.personal_data import COMPUTED, INFERRED, OBSERVED, OURS, PROVIDED, PartOf
from apps.isolation.models import TenantForeignKey, TenantManager, TenantOwned
from apps.keys.fields import SealedJSONField, SealedTextField
from apps.memories.enums import EntityKind, FeedbackVerdict, MessageRole, VersionEvent
from apps.memories.fields import TOKEN_BYTES
from apps.memories.models.entities import Entity, ScopedByEntities


class MemoryQuerySet(models.QuerySet["Memory"]):
    def live(self) -> "MemoryQuerySet":
        """Without those whose text was destroyed."""
        return self.filter(deleted_at=None)

    def current(self) -> "MemoryQuerySet":
        """What is recalled: live, and nothing has taken their place."""
        return self.live().filter(replaced_by=None)


class MemoryManager(TenantManager.from_queryset(MemoryQuerySet)):  # type: ignore[misc]
    pass


class Memory(ScopedByEntities):
    """One statement kept for an entity. After a delete the row stays without anything readable.

    One that another took the place of names it in `replaced_by`, keeps its text and has neither
    a vector nor a digest any more. `inferred` is what extraction says of the statement: the day
    it is about, and how sure the model is. `marks` are keyed tokens of its metadata and
    categories, by which filters are narrowed; rows from before there were marks have none, and
    are opened.
    """

    text = SealedTextField(null=True)
    metadata = SealedJSONField(null=True)
    categories = SealedJSONField(null=True)
    speaker = SealedTextField(null=True)
    role = models.CharField(max_length=9, choices=MessageRole)
    digest = models.BinaryField(max_length=TOKEN_BYTES, null=True)
    marks = ArrayField(models.BigIntegerField(), null=True)
    is_immutable = models.BooleanField(default=False)
    inferred = SealedJSONField(null=True)
    replaced_by = TenantForeignKey("self", null=True)
    updated_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    objects: ClassVar[MemoryManager] = MemoryManager()

    entity_names: Mapping[EntityKind, str]
    """The external ids of its entities, where a query has put them."""
    is_kept: bool | None
    """As `is_restricted`: a hold or a restriction."""

    class PersonalData(ScopedByEntities.PersonalData):
        text = PROVIDED
        metadata = PROVIDED
        categories = PROVIDED
        speaker = PROVIDED
        role = PROVIDED
        digest = COMPUTED
        marks = COMPUTED
        is_immutable = PROVIDED
        inferred = INFERRED.handed_on()
        replaced_by = OBSERVED
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
                    inferred__isnull=True,
                    digest__isnull=True,
                    marks__isnull=True,
                ),
                name="memories_memory_text_or_deleted",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "replaced_by"],
                condition=Q(replaced_by__isnull=False),
                name="memories_memory_replaced",
            ),
            models.Index(
                fields=["tenant_id", "created_at", "id"],
                condition=Q(deleted_at=None),
                name="memories_memory_time",
            ),
            models.Index(
                fields=["tenant_id", "expires_on"],
                condition=Q(deleted_at=None, expires_on__isnull=False),
                name="memories_memory_expiry",
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


class Feedback(TenantOwned):
    """What an application's user thought of a memory. Goes with the memory's text."""

    memory = TenantForeignKey(Memory)
    key_owner = TenantForeignKey(Entity)
    verdict = models.CharField(max_length=13, choices=FeedbackVerdict, null=True)  # noqa: DJ001 - withdrawn
    reason = SealedTextField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    class PersonalData(TenantOwned.PersonalData):
        whose = PartOf("memory", "memories.Memory")
        memory = OBSERVED
        key_owner = OURS
        verdict = PROVIDED
        reason = PROVIDED
        created_at = OBSERVED

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "memory"], name="memories_feedback_one"),
            models.CheckConstraint(
                condition=Q(verdict__in=FeedbackVerdict.values) | Q(verdict=None),
                name="memories_feedback_verdict",
            ),
        ]
