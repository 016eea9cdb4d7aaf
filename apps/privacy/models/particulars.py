"""What a tenant says about itself, and how it handles requests."""

from django.db import models

from apps.common.personal_data import OPERATOR, OURS, Nobodys
from apps.isolation.models import TenantOwned
from apps.keys.fields import SealedJSONField


class Particulars(TenantOwned):
    """What a tenant says about itself in copies and refusals, and how it handles requests."""

    particulars = SealedJSONField(default=dict)
    holidays = SealedJSONField(default=list)
    has_four_eyes = models.BooleanField(default=False)
    has_api_approval = models.BooleanField(default=False)
    is_blocking = models.BooleanField(default=False)
    terms = models.JSONField(default=dict)
    changed_at = models.DateTimeField(auto_now=True)

    class PersonalData(TenantOwned.PersonalData):
        whose = Nobodys("the tenant's controller, contact and purposes")
        particulars = OPERATOR
        holidays = OURS
        has_four_eyes = OURS
        has_api_approval = OURS
        is_blocking = OURS
        terms = OURS
        changed_at = OURS

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant_id"], name="privacy_particulars_one")
        ]

    @property
    def key_owner_id(self) -> None:
        """The tenant's own key."""
