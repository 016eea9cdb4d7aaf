"""Requests of the people whom memories are about, and what comes of them."""

from typing import Any, ClassVar
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from apps.common.ids import uuid7
from apps.common.personal_data import (
    COMPUTED,
    LOGGED,
    OPERATOR,
    OURS,
    Classified,
    Fate,
    Nobodys,
    OfEntities,
    PartOf,
)
from apps.isolation.models import TenantForeignKey, TenantOwned
from apps.keys.fields import SealedJSONField, SealedTextField
from apps.memories.enums import EntityKind
from apps.memories.fields import TOKEN_BYTES
from apps.privacy.enums import (
    OPEN,
    IdentityCheck,
    ListState,
    PurgeState,
    RefusalReason,
    RequestKind,
    RequestState,
    Step,
    Via,
    Work,
)

REPEATS = "keyed hash of the application's own reference, so that a repeat is answered once"
EVIDENCE = "evidence of how the request was handled, by our own ids"


class Particulars(TenantOwned):
    """What a tenant says about itself in copies and refusals, and how it handles requests."""

    particulars = SealedJSONField(default=dict)
    holidays = SealedJSONField(default=list)
    has_four_eyes = models.BooleanField(default=False)
    has_api_approval = models.BooleanField(default=False)
    is_blocking = models.BooleanField(default=False)
    terms = models.JSONField(default=dict)
    changed_at = models.DateTimeField(auto_now=True)

    class PersonalData(TenantOwned.PersonalData):
        whose = Nobodys("the tenant's controller, contact and purposes")
        particulars = OPERATOR
        holidays = OURS
        has_four_eyes = OURS
        has_api_approval = OURS
        is_blocking = OURS
        terms = OURS
        changed_at = OURS

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id"], name="privacy_particulars_one")
        ]

    @property
    def key_owner_id(self) -> None:
        """The tenant's own key."""


class Request(TenantOwned):
    """What one person asked for. After an erasure it stays, without anything that they wrote.

    `subject_id` is the entity's id; None where nothing is kept about whom it names. What is sealed
    lies under the entity's key, so that it goes with it.
    """

    kind = models.CharField(max_length=13, choices=RequestKind)
    state = models.CharField(max_length=15, choices=RequestState, default=RequestState.RECEIVED)
    via = models.CharField(max_length=8, choices=Via)
    subject_kind = models.CharField(max_length=5, choices=EntityKind)
    subject_id = models.UUIDField(null=True)
    subject_name = SealedTextField(null=True)
    reference = SealedTextField(null=True)
    corrections = SealedJSONField(null=True)
    explanation = SealedTextField(null=True)
    redactions = SealedJSONField(null=True)
    reference_token = models.BinaryField(max_length=TOKEN_BYTES, null=True)
    repeat_token = models.BinaryField(max_length=TOKEN_BYTES, null=True)
    body_token = models.BinaryField(max_length=TOKEN_BYTES, null=True)
    is_lift = models.BooleanField(default=False)
    received_on = models.DateField()
    due_on = models.DateField()
    extra_months = models.PositiveSmallIntegerField(default=0)
    paused_at = models.DateTimeField(null=True)
    paused_days = models.PositiveSmallIntegerField(default=0)
    identity_check = models.CharField(max_length=13, choices=IdentityCheck, blank=True)
    refusal = models.CharField(max_length=16, choices=RefusalReason, blank=True)
    opened_by = models.UUIDField(null=True)
    verified_by = models.UUIDField(null=True)
    assignee_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    progress = models.JSONField(default=dict)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    failure = models.CharField(max_length=40, blank=True)

    class PersonalData(TenantOwned.PersonalData):
        whose = OfEntities("subject_id")
        kind = LOGGED.kept(EVIDENCE)
        state = LOGGED.kept(EVIDENCE)
        via = LOGGED.kept(EVIDENCE)
        subject_kind = LOGGED.kept(EVIDENCE)
        subject_id = LOGGED.kept(EVIDENCE)
        subject_name = LOGGED.to_be(Fate.BLANKED)
        reference = LOGGED.to_be(Fate.BLANKED)
        corrections = LOGGED.to_be(Fate.BLANKED)
        explanation = LOGGED.to_be(Fate.BLANKED)
        redactions = COMPUTED.to_be(Fate.BLANKED)
        reference_token = COMPUTED.kept(REPEATS)
        repeat_token = COMPUTED.kept(REPEATS)
        body_token = COMPUTED.to_be(Fate.BLANKED)
        is_lift = LOGGED.kept(EVIDENCE)
        received_on = LOGGED.kept(EVIDENCE)
        due_on = LOGGED.kept(EVIDENCE)
        extra_months = LOGGED.kept(EVIDENCE)
        paused_at = LOGGED.kept(EVIDENCE)
        paused_days = LOGGED.kept(EVIDENCE)
        identity_check = LOGGED.kept(EVIDENCE)
        refusal = LOGGED.kept(EVIDENCE)
        opened_by = OURS
        verified_by = OURS
        assignee_id = OURS
        created_at = LOGGED.kept(EVIDENCE)
        started_at = LOGGED.kept(EVIDENCE)
        ended_at = LOGGED.kept(EVIDENCE)
        progress = OURS
        lease = OURS
        leased_until = OURS
        tries = OURS
        failure = OURS

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "reference_token"], name="privacy_request_reference"
            ),
            models.UniqueConstraint(
                fields=["tenant_id", "repeat_token"], name="privacy_request_repeat"
            ),
            models.CheckConstraint(
                condition=Q(state__in=RequestState.values), name="privacy_request_state"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant_id", "due_on", "id"],
                condition=Q(state__in=OPEN),
                name="privacy_request_open",
            ),
            models.Index(fields=["tenant_id", "subject_id", "id"], name="privacy_request_subject"),
        ]

    @property
    def key_owner_id(self) -> UUID | None:
        return self.subject_id

    @property
    def is_open(self) -> bool:
        return self.state in OPEN

    @property
    def steps(self) -> list[tuple[Step, dict[str, Any]]]:
        """What is known of the steps that have begun, in their order, which JSON does not keep."""
        known = self.progress.get("steps", {})
        return [(step, known[step.value]) for step in Step if step.value in known]


class Note(TenantOwned):
    """What an operator wrote about a request."""

    request = TenantForeignKey(Request)
    subject_id = models.UUIDField(null=True)
    text = SealedTextField(null=True)
    author_id = models.UUIDField(null=True)
    created_at = models.DateTimeField()

    class PersonalData(TenantOwned.PersonalData):
        whose = OfEntities("subject_id")
        request = OURS
        subject_id = LOGGED
        text = LOGGED
        author_id = OURS
        created_at = LOGGED

    class Meta(TenantOwned.Meta):
        indexes = [
            models.Index(fields=["tenant_id", "request", "id"], name="privacy_note_request"),
            models.Index(fields=["tenant_id", "subject_id"], name="privacy_note_subject"),
        ]

    @property
    def key_owner_id(self) -> UUID | None:
        return self.subject_id


class Certificate(TenantOwned):
    """That an erasure was done, signed. A later one of the same request says more, of the files."""

    request = TenantForeignKey(Request)
    number = models.PositiveIntegerField()
    document = models.JSONField()
    issued_at = models.DateTimeField()

    class PersonalData(TenantOwned.PersonalData):
        whose = PartOf("request", "privacy.Request")
        request = OURS
        number = OURS
        document = LOGGED.kept(EVIDENCE)
        issued_at = LOGGED.kept(EVIDENCE)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant_id", "request", "number"], name="privacy_certificate_number"
            )
        ]


class SubjectCopy(TenantOwned):
    """A copy for a person: a file, sealed under a key that lies here, under the person's own."""

    request = TenantForeignKey(Request)
    subject_id = models.UUIDField(null=True)
    file_key = SealedTextField()
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class PersonalData(TenantOwned.PersonalData):
        whose = OfEntities("subject_id")
        request = OURS
        subject_id = LOGGED
        file_key = COMPUTED
        size = OURS
        sha256 = COMPUTED
        created_at = LOGGED
        expires_at = LOGGED

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "request"], name="privacy_copy_request")
        ]
        indexes = [models.Index(fields=["tenant_id", "subject_id"], name="privacy_copy_subject")]

    @property
    def key_owner_id(self) -> UUID | None:
        return self.subject_id


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


class PrivacyDue(models.Model):
    """What waits to be done for whose request, and from when on. Global: ids and times only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    work = models.CharField(max_length=6, choices=Work)
    tenant_id = models.UUIDField()
    item_id = models.UUIDField()
    at = models.DateTimeField()

    class PersonalData(Classified):
        whose = Nobodys("ids and times of what waits to be done")
        id = OURS
        work = OURS
        tenant_id = OURS
        item_id = OURS
        at = OURS

    class Meta:
        db_table = "privacy_due"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant_id", "work", "item_id"], name="privacy_due_item"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["work", "at"], name="privacy_due_at")]

    def __str__(self) -> str:
        return f"{self.work} {self.item_id}"


class SubjectLink(models.Model):
    """A link by which a person follows a request without an account. Global: known before a tenant.

    Of the link, and of the cookie for which it is exchanged once, only hashes are kept.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    token_hash = models.BinaryField(max_length=TOKEN_BYTES, unique=True)
    cookie_hash = models.BinaryField(max_length=TOKEN_BYTES, unique=True, null=True)
    tenant_id = models.UUIDField()
    item_id = models.UUIDField()
    expires_at = models.DateTimeField()

    class PersonalData(Classified):
        whose = Nobodys("hashes of links to requests")
        id = OURS
        token_hash = OURS
        cookie_hash = OURS
        tenant_id = OURS
        item_id = OURS
        expires_at = OURS

    def __str__(self) -> str:
        return str(self.id)
