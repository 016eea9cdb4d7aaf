"""Wrapped keys, in a schema of their own: they are backed up apart from the data."""

from django.db import models

from apps.common.personal_data import OURS, Fate, Nobodys, OfEntities
from apps.isolation.models import TenantOwned


class TenantKey(TenantOwned):
    """A tenant's key, wrapped under the master key."""

    wrapped = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class PersonalData(TenantOwned.PersonalData):
        whose = Nobodys("the tenant's own key")
        wrapped = OURS
        created_at = OURS

    class Meta(TenantOwned.Meta):
        db_table = '"keys"."tenant_key"'
        constraints = [models.UniqueConstraint(fields=["tenant_id"], name="keys_tenantkey_one")]


class EntityKey(TenantOwned):
    """An entity's random key, wrapped under its tenant's. Its id is the entity's.

    Destroying it sets `wrapped` to NULL: what it sealed can't be read again. While it is closed,
    what it sealed can be read and nothing new is sealed for the entity.
    """

    wrapped = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    destroyed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class PersonalData(TenantOwned.PersonalData):
        whose = OfEntities("id")
        wrapped = OURS.to_be(Fate.DESTROYED)
        created_at = OURS
        destroyed_at = OURS
        closed_at = OURS

    class Meta(TenantOwned.Meta):
        db_table = '"keys"."entity_key"'
        constraints = [
            models.CheckConstraint(
                condition=models.Q(wrapped__isnull=False, destroyed_at__isnull=True)
                | models.Q(wrapped__isnull=True, destroyed_at__isnull=False),
                name="keys_entitykey_wrapped_or_destroyed",
            )
        ]


class Secret(TenantOwned):
    """A random secret by name (API-key pepper, journal key), wrapped under its tenant's key."""

    name = models.CharField(max_length=40)
    wrapped = models.BinaryField()
    created_at = models.DateTimeField(auto_now_add=True)

    class PersonalData(TenantOwned.PersonalData):
        whose = Nobodys("random secrets of the tenant")
        name = OURS
        wrapped = OURS
        created_at = OURS

    class Meta(TenantOwned.Meta):
        db_table = '"keys"."secret"'
        constraints = [
            models.UniqueConstraint(fields=["tenant_id", "name"], name="keys_secret_name"),
        ]
