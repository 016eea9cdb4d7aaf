"""What is kept about the instance as a whole, and the hourly counts of each tenant."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.common.ids import uuid7
from apps.common.personal_data import OURS, Classified, Nobodys
from apps.isolation.models import TenantOwned


class IsolationProof(models.Model):
    """The last proof that tenants are kept apart, with its report. There is one row or none."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    proved_at = models.DateTimeField()
    is_ok = models.BooleanField()
    attacks = models.PositiveIntegerField()
    failures = models.PositiveIntegerField()
    report = models.JSONField()

    class PersonalData(Classified):
        whose = Nobodys("counts and states of the instance")
        id = OURS
        proved_at = OURS
        is_ok = OURS
        attacks = OURS
        failures = OURS
        report = OURS

    def __str__(self) -> str:
        return f"{self.proved_at:%Y-%m-%d %H:%M}: {self.attacks} attacks, {self.failures} failures"


class HourlyCount(TenantOwned):
    """What a tenant did in one hour, and what it had at the last look in that hour.

    Processes add what they counted, so it is near the truth: see `memories.usage`. What stands
    after `measured_at` is exact at that time, but for `bytes`, which is estimated; it is empty
    where nobody has looked in this hour.
    """

    hour = models.DateTimeField()
    adds = models.PositiveBigIntegerField(default=0)
    searches = models.PositiveBigIntegerField(default=0)
    deletes = models.PositiveBigIntegerField(default=0)
    jobs_done = models.PositiveBigIntegerField(default=0)
    jobs_failed = models.PositiveBigIntegerField(default=0)
    search_times = ArrayField(models.PositiveBigIntegerField(), default=list)
    counted_at = models.DateTimeField(null=True)
    measured_at = models.DateTimeField(null=True)
    kept = models.PositiveBigIntegerField(null=True)
    users = models.PositiveBigIntegerField(null=True)
    agents = models.PositiveBigIntegerField(null=True)
    apps = models.PositiveBigIntegerField(null=True)
    runs = models.PositiveBigIntegerField(null=True)
    jobs_waiting = models.PositiveBigIntegerField(null=True)
    bytes = models.PositiveBigIntegerField(null=True)

    class PersonalData(TenantOwned.PersonalData):
        whose = Nobodys("counts of an hour")
        hour = OURS
        adds = OURS
        searches = OURS
        deletes = OURS
        jobs_done = OURS
        jobs_failed = OURS
        search_times = OURS
        counted_at = OURS
        measured_at = OURS
        kept = OURS
        users = OURS
        agents = OURS
        apps = OURS
        runs = OURS
        jobs_waiting = OURS
        bytes = OURS

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "hour"], name="operations_count_hour"),
        ]
