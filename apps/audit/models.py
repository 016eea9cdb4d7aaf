"""The audit trail: append-only, no foreign keys, ids only, never memory text."""

from uuid import UUID

from django.db import models

from apps.isolation.models import TenantOwned
from apps.keys.fields import SealedJSONField


class AuditEvent(TenantOwned):
    """One line of the trail. Nothing in it is personal; what is, sits in AuditDetail."""

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

    class Meta(TenantOwned.Meta):
        indexes = [
            models.Index(fields=["tenant_id", "occurred_at", "id"], name="audit_event_time"),
        ]


class AuditDetail(TenantOwned):
    """Personal details of an event, with the nonce of their digest. Its id is the event's."""

    entity_id = models.UUIDField(null=True)
    details = SealedJSONField()
    nonce = models.BinaryField()

    class Meta(TenantOwned.Meta):
        indexes = [
            models.Index(fields=["tenant_id", "entity_id"], name="audit_detail_entity"),
        ]

    @property
    def key_owner_id(self) -> UUID | None:
        return self.entity_id
