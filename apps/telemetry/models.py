"""What telemetry keeps. All of it is the installation's and no tenant's, so these are global."""

import hashlib
from typing import ClassVar
from uuid import uuid4

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.common.ids import uuid7
from apps.common.personal_data import OPERATOR, OURS, Classified, Nobodys
from apps.telemetry.enums import Failure, Outcome, Purpose


class TelemetryState(models.Model):
    """One row: what the instance's owner decided, and the install id. Without it nobody has."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    is_on = models.BooleanField(default=False)
    is_leaving = models.BooleanField(default=False)
    notice_seen_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by_id = models.UUIDField(null=True)
    install_id = models.UUIDField(null=True)
    is_installed = models.BooleanField(default=False)
    heartbeat_on = models.DateField(null=True)

    class PersonalData(Classified):
        whose = Nobodys("what an owner of the instance decided")
        id = OURS
        is_on = OURS
        is_leaving = OURS
        notice_seen_at = OURS
        decided_at = OURS
        decided_by_id = OPERATOR
        install_id = OURS
        is_installed = OURS
        heartbeat_on = OURS

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=1), name="telemetry_state_one"),
            models.CheckConstraint(
                condition=models.Q(is_on=False) | models.Q(notice_seen_at__isnull=False),
                name="telemetry_state_on_after_notice",
            ),
        ]

    def __str__(self) -> str:
        return "on" if self.is_on else "off"


class OutboxEvent(models.Model):
    """A report that waits. Its id is random: one of version 7 would tell when it was made."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    name = models.CharField(max_length=20)
    day = models.DateField()
    properties = models.JSONField()
    made_at = models.DateTimeField()
    due_at = models.DateTimeField(db_index=True)
    attempts = models.PositiveSmallIntegerField(default=0)

    class PersonalData(Classified):
        whose = Nobodys("reports of counts and versions")
        id = OURS
        name = OURS
        day = OURS
        properties = OURS
        made_at = OURS
        due_at = OURS
        attempts = OURS

    def __str__(self) -> str:
        return self.name


class SentReport(models.Model):
    """One call: the exact bytes, written before they leave, and what came of it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    sent_at = models.DateTimeField(db_index=True)
    events = ArrayField(models.CharField(max_length=20))
    attempt = models.PositiveSmallIntegerField()
    body = models.BinaryField()
    sha256 = models.CharField(max_length=64)
    http_status = models.PositiveSmallIntegerField(null=True)
    failure = models.CharField(max_length=12, choices=Failure, blank=True)
    outcome = models.CharField(max_length=9, choices=Outcome, default=Outcome.SENDING)

    class PersonalData(Classified):
        whose = Nobodys("reports as they were sent")
        id = OURS
        sent_at = OURS
        events = OURS
        attempt = OURS
        body = OURS
        sha256 = OURS
        http_status = OURS
        failure = OURS
        outcome = OURS

    def __str__(self) -> str:
        return self.sha256

    def keep(self, body: bytes) -> None:
        self.body, self.sha256 = body, hashlib.sha256(body).hexdigest()

    @property
    def status(self) -> int | str:
        """The HTTP status, or a word where there was none."""
        return self.http_status or self.failure or self.outcome


class Tally(models.Model):
    """How often something happened on a day; it becomes a report when the day is over."""

    day = models.DateField()
    event = models.CharField(max_length=20)
    subject = models.CharField(max_length=60)
    count = models.PositiveBigIntegerField()

    class PersonalData(Classified):
        whose = Nobodys("counts of a day")
        id = OURS
        day = OURS
        event = OURS
        subject = OURS
        count = OURS

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["day", "event", "subject"], name="telemetry_tally_subject"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject}: {self.count}"


class OutboundHost(models.Model):
    """Another host that was called for a tenant, or for none: how often and with how many bytes."""

    host = models.CharField(max_length=255)
    purpose = models.CharField(max_length=12, choices=Purpose)
    tenant_id = models.UUIDField(null=True)
    calls = models.PositiveBigIntegerField(default=0)
    bytes_out = models.PositiveBigIntegerField(default=0)
    first_call_at = models.DateTimeField()
    last_call_at = models.DateTimeField()

    class PersonalData(Classified):
        whose = Nobodys("which hosts were called, how often")
        id = OURS
        host = OURS
        purpose = OURS
        tenant_id = OURS
        calls = OURS
        bytes_out = OURS
        first_call_at = OURS
        last_call_at = OURS

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant_id", "host", "purpose"],
                nulls_distinct=False,
                name="telemetry_outboundhost_one",
            ),
        ]

    def __str__(self) -> str:
        return self.host
