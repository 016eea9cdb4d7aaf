"""Tenants, who may enter them, and the keys of applications. Global: known before any scope."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.accounts.models import Operator
from apps.common.ids import uuid7
from apps.common.personal_data import OPERATOR, OURS, Classified, Nobodys
from apps.isolation.scope import INSTANCE_TENANT_ID
from apps.tenants.enums import ApiScope, ReadAudit, Role


class TenantDirectory(models.QuerySet["Tenant"]):
    def listed(self) -> "TenantDirectory":
        """Those that people and scripts see: not the instance's own, no canary, none erased."""
        return self.exclude(id=INSTANCE_TENANT_ID).filter(is_canary=False, closed_at=None)


class Tenant(models.Model):
    """The isolation boundary: one customer or team. Canaries exist for proofs only.

    `hygiene` is what it does not store, as far as that differs from the defaults. From `closed_at`
    on it is erased, and nobody enters it any more; `closing` says how far that is, and at the end
    holds the certificate.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    is_canary = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    api_reads = models.CharField(max_length=10, choices=ReadAudit, default=ReadAudit.OFF)
    hygiene = models.JSONField(default=dict)
    forbids_outside_hosts = models.BooleanField(default=False, db_default=False)
    closed_at = models.DateTimeField(null=True)
    closing = models.JSONField(null=True)

    objects = TenantDirectory.as_manager()

    class PersonalData(Classified):
        whose = Nobodys("a customer or team")
        id = OURS
        slug = OURS
        name = OURS
        is_canary = OURS
        created_at = OURS
        api_reads = OURS
        hygiene = OURS
        forbids_outside_hosts = OURS
        closed_at = OURS
        closing = OURS

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(api_reads__in=ReadAudit.values), name="tenants_tenant_api_reads"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """An operator's role in a tenant."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="memberships")
    operator = models.ForeignKey(Operator, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=20, choices=Role)
    created_at = models.DateTimeField(auto_now_add=True)

    class PersonalData(Classified):
        whose = Nobodys("which operator may enter which tenant")
        id = OURS
        tenant = OURS
        operator = OPERATOR
        role = OPERATOR
        created_at = OPERATOR

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["tenant", "operator"], name="tenants_membership_one"),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="tenants_membership_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operator}: {self.get_role_display()} of {self.tenant}"


class Invitation(models.Model):
    """A way into a tenant, once, for whoever holds its link; of the link only a hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=20, choices=Role)
    token_hash = models.BinaryField(max_length=32, unique=True)
    invited_by = models.ForeignKey(Operator, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # accepted or withdrawn

    class PersonalData(Classified):
        whose = Nobodys("who is asked to become an operator")
        id = OURS
        tenant = OURS
        email = OPERATOR
        role = OPERATOR
        token_hash = OURS
        invited_by = OPERATOR
        created_at = OPERATOR
        expires_at = OURS
        ended_at = OPERATOR

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values), name="tenants_invitation_role"
            ),
            models.UniqueConstraint(
                fields=["tenant", "email"],
                condition=models.Q(ended_at=None),
                name="tenants_invitation_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email}: {self.get_role_display()} of {self.tenant}"


class ApiKey(models.Model):
    """An application's key. Found by its lookup id; of the secret only a peppered hash is kept."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    tenant = models.ForeignKey(Tenant, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=80)
    lookup_id = models.CharField(max_length=12, unique=True)
    secret_hash = models.BinaryField(max_length=32)
    last_four = models.CharField(max_length=4)
    scopes = ArrayField(models.CharField(max_length=10, choices=ApiScope))
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)

    audited_reads: str
    """The tenant's `api_reads`, where the key was authenticated."""

    class PersonalData(Classified):
        whose = Nobodys("an application's key")
        id = OURS
        tenant = OURS
        name = OURS
        lookup_id = OURS
        secret_hash = OURS
        last_four = OURS
        scopes = OURS
        created_at = OURS
        expires_at = OURS
        revoked_at = OURS
        last_used_at = OURS

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(scopes__contained_by=ApiScope.values)
                & models.Q(scopes__len__gt=0),
                name="tenants_apikey_scopes",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["tenant", "created_at"], name="tenants_apikey_tenant")
        ]

    def __str__(self) -> str:
        return self.name
