"""What people asked for, what was noted about it, and what came of it."""

from typing import Any
from uuid import UUID

from django.db import models
from django.db.models import Q

from apps.common.personal_data import COMPUTED, LOGGED, OURS, Fate, OfEntities, PartOf
from apps.isolation.models import TenantForeignKey, TenantOwned
from apps.keys.fields import SealedJSONField, SealedTextField
from apps.memories.enums import EntityKind
from apps.memories.fields import TOKEN_BYTES
from apps.privacy.enums import (
    OPEN,
    IdentityCheck,
    RefusalReason,
    RequestKind,
    RequestState,
    Step,
    Via,
)

REPEATS = "keyed hash of the application's own reference, so that a repeat is answered once"
EVIDENCE = "evidence of how the request was handled, by our own ids"


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
