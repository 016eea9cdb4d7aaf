"""Memories that operators chose: to delete them, or to take them away as a file."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.common.personal_data import LOGGED, OURS, Nobodys, OfEntities
from apps.isolation.models import TenantOwned
from apps.keys.fields import SealedTextField
from apps.memories.enums import EntityKind
from apps.privacy.enums import ListState, PurgeState


class Purge(TenantOwned):
    """Memories of one entity that an operator chose to delete: some by id, or all of some days.

    What came after the choice is not part of it: `id` is younger than every chosen memory's.
    """

    subject_kind = models.CharField(max_length=5, choices=EntityKind)
    subject_id = models.UUIDField()
    memory_ids = ArrayField(models.UUIDField(), null=True)
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    state = models.CharField(max_length=7, choices=PurgeState, default=PurgeState.CHOSEN)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    operator_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class PersonalData(TenantOwned.PersonalData):
        whose = OfEntities("subject_id")
        subject_kind = LOGGED
        subject_id = LOGGED
        memory_ids = LOGGED
        since = LOGGED
        until = LOGGED
        state = LOGGED
        total = LOGGED
        done = LOGGED
        operator_id = OURS
        created_at = LOGGED
        started_at = LOGGED
        ended_at = LOGGED

    class Meta(TenantOwned.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=PurgeState.values), name="privacy_purge_state"
            )
        ]
        indexes = [
            models.Index(fields=["tenant_id", "subject_id", "id"], name="privacy_purge_subject")
        ]


class ListExport(TenantOwned):
    """Memories that an operator saw in a list, as one file, sealed under a key that lies here.

    Which they are is decided when it is chosen; what was asked for is kept nowhere. Of `memory_ids`
    the first `done` stand in the file, and one that cannot be written is taken out of them.
    """

    memory_ids = ArrayField(models.UUIDField())
    total = models.PositiveIntegerField()
    left_out = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=7, choices=ListState, default=ListState.CHOSEN)
    failure = models.CharField(max_length=40, blank=True)
    file_key = SealedTextField()
    size = models.PositiveBigIntegerField(default=0)
    operator_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class PersonalData(TenantOwned.PersonalData):
        whose = Nobodys("exports of lists of memories: all go with any erasure in the tenant")
        memory_ids = OURS
        total = OURS
        left_out = OURS
        done = OURS
        state = OURS
        failure = OURS
        file_key = OURS
        size = OURS
        operator_id = OURS
        created_at = OURS
        expires_at = OURS

    class Meta(TenantOwned.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=ListState.values), name="privacy_listexport_state"
            ),
            models.CheckConstraint(
                condition=Q(done__lte=models.F("total")), name="privacy_listexport_done"
            ),
        ]

    @property
    def key_owner_id(self) -> None:
        """The tenant's own key: it may hold anybody's memories."""
