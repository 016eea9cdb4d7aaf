"""What is kept of an erasure: hashes."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.common.personal_data import OURS, Classified, Nobodys
from apps.isolation.models import TenantOwned


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
