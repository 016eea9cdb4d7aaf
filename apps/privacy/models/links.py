"""By what people follow their requests without an account."""

from django.db import models

from apps.common.ids import uuid7
from apps.common.personal_data import OURS, Classified, Nobodys
from apps.memories.fields import TOKEN_BYTES


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
