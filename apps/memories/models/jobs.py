"""Accepted messages, the work that makes memories of them, and which came of which."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.common.personal_data import (
    COMPUTED,
    INFERRED,
    LOGGED,
    OBSERVED,
    OURS,
    PROVIDED,
    Classified,
    Nobodys,
    PartOf,
)
from apps.isolation.models import TenantForeignKey, TenantOwned
from apps.keys.fields import SealedJSONField, SealedTextField
from apps.memories.enums import UNFINISHED, DueWork, JobKind, JobState, MessageRole
from apps.memories.fields import TOKEN_BYTES
from apps.memories.models.entities import Entity, ScopedByEntities
from apps.memories.models.memories import Memory


class Job(ScopedByEntities):
    """An accepted add: its messages become memories, chunk by chunk. Or a summary of memories.

    The row decides what happens, not the queue. Whoever holds `lease` may apply a chunk until
    another has taken it; `done` counts the messages whose effects are committed, `tries` and
    `misreads` (answers of no use) are those of the next chunk. `results` holds ids and verdicts.
    `expires_on` is that of its memories, `created_at` when it was accepted.

    `summary` is kept for a day at most, and goes as soon as any memory of the tenant is deleted;
    `made_of` says of which states of which memories it was made, and how many matched.
    """

    kind = models.CharField(
        max_length=7, choices=JobKind, default=JobKind.ADD, db_default=JobKind.ADD
    )
    state = models.CharField(max_length=9, choices=JobState, default=JobState.PENDING)
    error = models.CharField(max_length=20, blank=True)
    request = SealedJSONField()
    said_at = models.DateTimeField()
    is_immutable = models.BooleanField(default=False)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.UUIDField(null=True)
    total = models.PositiveIntegerField()
    done = models.PositiveIntegerField(default=0)
    results = models.JSONField(default=list)
    tokens_in = models.PositiveIntegerField(default=0)
    tokens_out = models.PositiveIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    misreads = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    updated_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    repeat_token = models.BinaryField(max_length=TOKEN_BYTES, null=True)
    repeat_digest = models.BinaryField(max_length=TOKEN_BYTES, null=True)
    summary = SealedTextField(null=True)
    made_of = models.JSONField(null=True)

    class PersonalData(ScopedByEntities.PersonalData):
        kind = OBSERVED
        state = LOGGED
        error = LOGGED
        request = PROVIDED
        said_at = PROVIDED
        is_immutable = PROVIDED
        actor_kind = OURS
        actor_id = OURS
        total = LOGGED
        done = OURS
        results = LOGGED
        tokens_in = OURS
        tokens_out = OURS
        tries = OURS
        misreads = OURS
        lease = OURS
        leased_until = OURS
        updated_at = OURS
        started_at = LOGGED
        ended_at = LOGGED
        repeat_token = COMPUTED
        repeat_digest = COMPUTED
        summary = INFERRED
        made_of = LOGGED

    class Meta(ScopedByEntities.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "repeat_token"], name="memories_job_repeat"
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "key_owner"],
                condition=Q(state=JobState.RUNNING, kind=JobKind.ADD),
                name="memories_job_one_runs",
            ),
            models.CheckConstraint(
                condition=Q(state__in=JobState.values), name="memories_job_state"
            ),
            models.CheckConstraint(
                condition=Q(state__in=UNFINISHED, ended_at__isnull=True)
                | Q(ended_at__isnull=False, lease__isnull=True) & ~Q(state__in=UNFINISHED),
                name="memories_job_ended",
            ),
            models.CheckConstraint(
                condition=Q(done__lte=models.F("total")), name="memories_job_done"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "key_owner", "id"],
                condition=Q(state__in=UNFINISHED),
                name="memories_job_queue",
            ),
            models.Index(
                fields=["tenant_id", "id"],
                condition=Q(summary__isnull=False),
                name="memories_job_summary",
            ),
        ]


class JobDue(models.Model):
    """When the sweeper looks at which unfinished job, or delivery, next. Global: ids and times."""

    work = models.CharField(
        max_length=8, choices=DueWork, default=DueWork.JOB, db_default=DueWork.JOB
    )
    item_id = models.UUIDField(primary_key=True)
    tenant_id = models.UUIDField()
    due_at = models.DateTimeField()

    class PersonalData(Classified):
        whose = Nobodys("when to look at which job; the jobs themselves are elsewhere")
        work = OURS
        item_id = OURS
        tenant_id = OURS
        due_at = OURS

    class Meta:
        db_table = "memories_due"
        indexes: ClassVar = [models.Index(fields=["due_at"], name="memories_due_time")]

    def __str__(self) -> str:
        return f"{self.item_id} at {self.due_at}"


class Message(TenantOwned):
    """A message of a job, as it was sent, for as long as the job or a memory needs it."""

    job = TenantForeignKey(Job)
    key_owner = TenantForeignKey(Entity)
    number = models.PositiveIntegerField()
    role = models.CharField(max_length=9, choices=MessageRole)
    name = SealedTextField(null=True)
    content = SealedTextField()

    class PersonalData(TenantOwned.PersonalData):
        whose = PartOf("job", "memories.Job")
        job = OBSERVED
        key_owner = OURS
        number = OBSERVED
        role = PROVIDED
        name = PROVIDED
        content = PROVIDED

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "job", "number"], name="memories_message_number"
            ),
        ]


class Source(TenantOwned):
    """That a memory came out of a message. With its last one the message goes."""

    memory = TenantForeignKey(Memory)
    message = TenantForeignKey(Message)

    class PersonalData(TenantOwned.PersonalData):
        whose = PartOf("memory", "memories.Memory")
        memory = OBSERVED
        message = OBSERVED

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "memory", "message"], name="memories_source_pair"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant_id", "message"], name="memories_source_message"),
        ]
