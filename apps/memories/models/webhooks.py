"""Who is told of what happens to memories, and of what."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from apps.common.personal_data import LOGGED, OURS, Nobodys
from apps.isolation.models import TenantForeignKey, TenantOwned
from apps.keys.fields import SealedTextField
from apps.memories.enums import DeliveryState, WebhookEvent
from apps.memories.models.entities import ScopedByEntities


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
