"""The audit trail: append-only, no foreign keys, ids only, never memory text.

Events are written unsealed. The sealer gathers them into segments: a seal gives each event its
place, a checkpoint signs the segment's root and the checkpoint before it.
"""

from uuid import UUID

from django.db import models

from apps.audit.enums import Place, Work
from apps.common.personal_data import LOGGED, OURS, Classified, Fate, Nobodys, OfEntities
from apps.isolation.models import TenantOwned
from apps.keys.fields import SealedJSONField

EVIDENCE = "evidence of what was done; without text, and the id is ours alone"


class AuditEvent(TenantOwned):
    """One line of the trail. Nothing in it is personal; what is, sits in AuditDetail.

    Its id is made in the order of time, so the trail is read by id.
    """

    occurred_at = models.DateTimeField()
    action = models.CharField(max_length=40)
    schema_version = models.PositiveSmallIntegerField(default=1)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.UUIDField(null=True)
    target_id = models.UUIDField(null=True)
    outcome = models.CharField(max_length=8)
    request_id = models.CharField(max_length=36, blank=True)
    facts = models.JSONField(default=dict)
    details_digest = models.BinaryField(null=True)

    class PersonalData(TenantOwned.PersonalData):
        whose = OfEntities("target_id")
        occurred_at = LOGGED.kept(EVIDENCE)
        action = LOGGED.kept(EVIDENCE)
        schema_version = OURS
        actor_kind = LOGGED.kept(EVIDENCE)
        actor_id = OURS
        target_id = LOGGED.kept(EVIDENCE)
        outcome = LOGGED.kept(EVIDENCE)
        request_id = OURS
        facts = LOGGED.kept(EVIDENCE)
        details_digest = OURS

    class Meta(TenantOwned.Meta):
        indexes = [
            models.Index(fields=["tenant_id", "actor_id", "id"], name="audit_event_actor"),
            models.Index(fields=["tenant_id", "target_id", "id"], name="audit_event_target"),
            models.Index(fields=["tenant_id", "action", "id"], name="audit_event_action"),
            models.Index(
                fields=["tenant_id", "outcome", "id"],
                condition=~models.Q(outcome="done"),
                name="audit_event_refused",
            ),
            models.Index(
                fields=["tenant_id", "id"],
                condition=models.Q(actor_kind="system"),
                name="audit_event_system",
            ),
        ]


class AuditDetail(TenantOwned):
    """Personal details of an event, with the nonce of their digest. Its id is the event's."""

    entity_id = models.UUIDField(null=True)
    details = SealedJSONField()
    nonce = models.BinaryField()

    class PersonalData(TenantOwned.PersonalData):
        whose = OfEntities("entity_id")
        entity_id = LOGGED.to_be(Fate.REDACTED)
        details = LOGGED.to_be(Fate.REDACTED)
        nonce = OURS.to_be(Fate.REDACTED)

    class Meta(TenantOwned.Meta):
        indexes = [
            models.Index(fields=["tenant_id", "entity_id"], name="audit_detail_entity"),
        ]

    @property
    def key_owner_id(self) -> UUID | None:
        return self.entity_id


class AuditDue(models.Model):
    """What waits to be done to whose trail. Global, ids only.

    Events arrive here in the statement that writes them, each by its own id: nothing is ever
    locked or waited for.
    """

    pk = models.CompositePrimaryKey("work", "tenant_id", "item_id")
    work = models.CharField(max_length=6, choices=Work)
    tenant_id = models.UUIDField()
    item_id = models.UUIDField()

    class PersonalData(Classified):
        whose = Nobodys("ids of what waits to be sealed or anchored")
        pk = OURS
        work = OURS
        tenant_id = OURS
        item_id = OURS

    class Meta:
        db_table = "audit_due"

    def __str__(self) -> str:
        return f"{self.work} {self.item_id}"


class AuditSeal(TenantOwned):
    """The place of an event in its tenant's trail, and its leaf. Its id is the event's."""

    sequence = models.PositiveBigIntegerField()
    leaf = models.BinaryField(max_length=32)

    class PersonalData(TenantOwned.PersonalData):
        whose = Nobodys("an event's place in the trail")
        sequence = OURS
        leaf = OURS

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "sequence"], name="audit_seal_sequence"),
        ]


class AuditCheckpoint(TenantOwned):
    """A sealed segment, events `first` to `last`: the root of their tree, signed and chained.

    `previous` is the hash of the checkpoint before it. When the segment's events are retired, the
    checkpoint stays, with a signature that says so.
    """

    number = models.PositiveBigIntegerField()
    first = models.PositiveBigIntegerField()
    last = models.PositiveBigIntegerField()
    root = models.BinaryField(max_length=32)
    previous = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()
    key_id = models.CharField(max_length=16)
    signature = models.BinaryField(max_length=64)
    retired_at = models.DateTimeField(null=True)
    retirement = models.BinaryField(max_length=64, null=True)

    class PersonalData(TenantOwned.PersonalData):
        whose = Nobodys("hashes and signatures")
        number = OURS
        first = OURS
        last = OURS
        root = OURS
        previous = OURS
        sealed_at = OURS
        key_id = OURS
        signature = OURS
        retired_at = OURS
        retirement = OURS

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "number"], name="audit_checkpoint_number"),
            models.CheckConstraint(
                condition=models.Q(retired_at__isnull=True, retirement__isnull=True)
                | models.Q(retired_at__isnull=False, retirement__isnull=False),
                name="audit_checkpoint_retired",
            ),
        ]


class SigningKey(TenantOwned):
    """That there is a key to sign checkpoints with, of the tenant `instance`; the newest signs.

    The key itself is a secret of that tenant, named after the number.
    """

    number = models.PositiveIntegerField()
    created_at = models.DateTimeField()

    class PersonalData(TenantOwned.PersonalData):
        whose = Nobodys("that there is a key")
        number = OURS
        created_at = OURS

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "number"], name="audit_signingkey_number"),
        ]


class AuditAnchor(TenantOwned):
    """Up to which checkpoint the trail was last anchored in this place outside the database."""

    place = models.CharField(max_length=7, choices=Place)
    number = models.PositiveBigIntegerField()
    anchored_at = models.DateTimeField()

    class PersonalData(TenantOwned.PersonalData):
        whose = Nobodys("how far the trail was copied")
        place = OURS
        number = OURS
        anchored_at = OURS

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "place"], name="audit_anchor_place"),
        ]


class AuditCheck(TenantOwned):
    """A verification of the trail in the background: how far it got, and what it found."""

    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    state = models.JSONField()

    class PersonalData(TenantOwned.PersonalData):
        whose = Nobodys("numbers and hashes of a verification")
        started_at = OURS
        ended_at = OURS
        state = OURS

    class Meta(TenantOwned.Meta):
        indexes = [
            models.Index(fields=["tenant_id", "started_at"], name="audit_check_time"),
        ]
