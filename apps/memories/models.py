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
    INFERRED,
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
from apps.memories.enums import (
    UNFINISHED,
    DeliveryState,
    DueWork,
    EntityFlag,
    EntityKind,
    FeedbackVerdict,
    JobKind,
    JobState,
    MessageRole,
    VersionEvent,
    WebhookEvent,
)
from apps.memories.fields import EmbeddingField, TermsField

TOKEN_BYTES = 32


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


class Webhook(TenantOwned):
    """Where a tenant's applications want to be told of what happens to memories.

    The address may hold a password, so all that was written is sealed, under the tenant's key.
    """

    name = SealedTextField()
    url = SealedTextField()
    secret = SealedTextField()
    event_types = ArrayField(models.CharField(max_length=40, choices=WebhookEvent))
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)

    class PersonalData(TenantOwned.PersonalData):
        whose = Nobodys("addresses of the tenant's own applications")
        name = OURS
        url = OURS
        secret = OURS
        event_types = OURS
        is_active = OURS
        created_at = OURS
        updated_at = OURS

    class Meta(TenantOwned.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(event_types__contained_by=WebhookEvent.values)
                & Q(event_types__len__gt=0),
                name="memories_webhook_events",
            ),
        ]

    @property
    def key_owner_id(self) -> None:
        """It is sealed under the tenant's key."""


class Delivery(ScopedByEntities):
    """That a webhook is to be told of an event: ids only. What it says is read when it is sent.

    `about_id` is the memory's or the job's id, `number` that of the memory's version. Until
    `next_at` nobody sends it: a worker is at it, or it has to wait.
    """

    webhook = TenantForeignKey(Webhook)
    event = models.CharField(max_length=40, choices=WebhookEvent)
    about_id = models.UUIDField()
    number = models.PositiveIntegerField(null=True)
    state = models.CharField(max_length=9, choices=DeliveryState, default=DeliveryState.PENDING)
    error = models.CharField(max_length=20, blank=True)
    status = models.PositiveSmallIntegerField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True)

    class PersonalData(ScopedByEntities.PersonalData):
        user = LOGGED  # these six repeat the memory's or the job's
        agent = LOGGED
        app = LOGGED
        run = LOGGED
        created_at = LOGGED
        expires_on = OURS
        webhook = OURS
        event = LOGGED
        about_id = LOGGED
        number = OURS
        state = LOGGED
        error = OURS
        status = OURS
        tries = OURS
        next_at = OURS
        ended_at = LOGGED

    class Meta(ScopedByEntities.Meta):
        constraints = [
            models.CheckConstraint(
                condition=Q(state=DeliveryState.PENDING, ended_at=None)
                | Q(ended_at__isnull=False) & ~Q(state=DeliveryState.PENDING),
                name="memories_delivery_ended",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "webhook", "-created_at"], name="memories_delivery_hook"
            ),
        ]


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


class Erasure(TenantOwned):
    """The journal: keyed hashes of what was deleted, so that a restore can delete it again."""

    digests = ArrayField(models.BinaryField())
    erased_at = models.DateTimeField()

    class PersonalData(TenantOwned.PersonalData):
        whose = Nobodys("hashes of our ids, under a key outside of the tenant")
        digests = OURS
        erased_at = OURS


class JournalLine(models.Model):
    """A line of the journal that waits to be copied out of the database. Global: hashes only."""

    id = models.UUIDField(primary_key=True)
    digests = ArrayField(models.BinaryField())
    erased_at = models.DateTimeField()

    class PersonalData(Classified):
        whose = Nobodys("hashes of our ids, until they are copied")
        id = OURS
        digests = OURS
        erased_at = OURS

    class Meta:
        db_table = "memories_journal"

    def __str__(self) -> str:
        return str(self.id)


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
