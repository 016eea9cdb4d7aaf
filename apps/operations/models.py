"""What is kept about the instance as a whole. Global: counts and states, nothing of a tenant."""

from django.db import models

from apps.common.ids import uuid7
from apps.common.personal_data import OURS, Classified, Nobodys


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
