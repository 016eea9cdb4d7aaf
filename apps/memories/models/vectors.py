"""What finds memories, and which model made it."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.common.personal_data import COMPUTED, OURS, Classified, Nobodys, PartOf
from apps.memories.fields import EmbeddingField, TermsField
from apps.memories.models.entities import ScopedByEntities


class EmbeddingModel(models.Model):
    """Which embedder made vectors, by name and dimensions. Global: nothing in it is a tenant's.

    The one that was chosen last is in use.
    """

    name = models.CharField(max_length=120)
    dimensions = models.PositiveIntegerField()
    created_at = models.DateTimeField(auto_now_add=True)
    chosen_at = models.DateTimeField(default=timezone.now)

    class PersonalData(Classified):
        whose = Nobodys("which model the installation uses")
        id = OURS
        name = OURS
        dimensions = OURS
        created_at = OURS
        chosen_at = OURS

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name", "dimensions"], name="memories_embeddingmodel_one"
            )
        ]

    def __str__(self) -> str:
        return f"{self.name}, {self.dimensions} dimensions"


class Renewal(models.Model):
    """How far a tenant's vectors are made anew by another model. Global: ids, counts and times.

    Memories up to `after` are done. Whoever holds `lease` works on the next ones, until `due_at`.
    """

    tenant_id = models.UUIDField(primary_key=True)
    model = models.ForeignKey(EmbeddingModel, on_delete=models.PROTECT, db_index=False)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    after = models.UUIDField(null=True)
    lease = models.UUIDField(null=True)
    has_failed = models.BooleanField(default=False)
    due_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class PersonalData(Classified):
        whose = Nobodys("how far work on a tenant's vectors is; the vectors are elsewhere")
        tenant_id = OURS
        model = OURS
        total = OURS
        done = OURS
        skipped = OURS
        after = OURS
        lease = OURS
        has_failed = OURS
        due_at = OURS
        started_at = OURS
        ended_at = OURS

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(due_at__isnull=True, ended_at__isnull=False)
                | Q(due_at__isnull=False, ended_at__isnull=True),
                name="memories_renewal_due_or_ended",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.done} of {self.total}"


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
