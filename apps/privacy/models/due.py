"""What waits to be done for all tenants."""

from typing import ClassVar

from django.db import models

from apps.common.ids import uuid7
from apps.common.personal_data import OURS, Classified, Nobodys
from apps.privacy.enums import Work


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
