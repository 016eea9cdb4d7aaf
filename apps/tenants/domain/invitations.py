"""Inviting operators by a link, which works once."""

import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Operator
from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import Conflict, Forbidden, NotFound
from apps.isolation.scope import tenant_scope
from apps.keys.instance import PEPPER, read_instance_secret
from apps.tenants.domain.memberships import grant_membership
from apps.tenants.domain.operators import clean_email, create_operator
from apps.tenants.enums import Role
from apps.tenants.models import Invitation, Membership, Tenant

LIFE = timedelta(days=7)


def invite_operator(*, tenant: Tenant, email: str, role: Role, by: Actor) -> tuple[Invitation, str]:
    """The invitation and the token of its link, which can't be had a second time.

    Takes the place of an open one for the same address. Refuses a bad address and an operator of
    the tenant; whether the address has an account elsewhere is not told.
    """
    email, token = clean_email(email), secrets.token_urlsafe(32)
    token_hash = _hash(token)
    with tenant_scope(tenant.id):
        if Membership.objects.filter(tenant=tenant, operator__email=email).exists():
            raise Conflict("This operator is in the tenant already.", field="email")
        Invitation.objects.filter(tenant=tenant, email=email, ended_at=None).update(
            ended_at=timezone.now()
        )
        invitation = Invitation.objects.create(
            tenant=tenant,
            email=email,
            role=role,
            token_hash=token_hash,
            invited_by_id=by.id,
            expires_at=timezone.now() + LIFE,
        )
        record(
            Action.INVITATION_CREATE,
            by=by,
            target_id=invitation.id,
            details={"email": email},
            role=Role(role),
        )
    return invitation, token


def withdraw_invitation(*, invitation: Invitation, by: Actor) -> None:
    """Its link answers from now on as one that never was."""
    with tenant_scope(invitation.tenant_id):
        Invitation.objects.filter(id=invitation.id, ended_at=None).update(ended_at=timezone.now())
        record(Action.INVITATION_WITHDRAW, by=by, target_id=invitation.id)


def find_invitation(token: str) -> Invitation:
    """NotFound for a link that was used, withdrawn, has expired or never was."""
    open_ones = Invitation.objects.filter(ended_at=None, expires_at__gt=timezone.now())
    found = open_ones.select_related("tenant", "invited_by").filter(token_hash=_hash(token)).first()
    if found is None:
        raise NotFound("This invitation was used, withdrawn, or has expired.")
    return found


@transaction.atomic
def create_invited_operator(*, token: str, name: str, password: str, by: Actor) -> Operator:
    """An account for who has none. Raises as find_invitation and create_operator do."""
    invitation = _end(token, by=by)
    return create_operator(
        email=invitation.email,
        name=name,
        password=password,
        tenant=invitation.tenant,
        role=Role(invitation.role),
        by=by,
    )


@transaction.atomic
def join_invited(*, token: str, operator: Operator, by: Actor) -> Tenant:
    """For who has an account: Forbidden unless it is the invited address."""
    invitation = _end(token, by=by)
    if operator.email != invitation.email:
        raise Forbidden("The invitation is for another e-mail address.")
    tenant, role = invitation.tenant, Role(invitation.role)
    if operator.memberships.filter(tenant=tenant).exists():
        raise Conflict("You are in this tenant already.")
    grant_membership(operator=operator, tenant=tenant, role=role, by=by)
    return tenant


def _end(token: str, *, by: Actor) -> Invitation:
    """Of two who use it at once, the second finds nothing."""
    invitation = find_invitation(token)
    mine = Invitation.objects.filter(id=invitation.id, ended_at=None)
    if not mine.update(ended_at=timezone.now()):
        raise NotFound("This invitation was used, withdrawn, or has expired.")
    with tenant_scope(invitation.tenant_id):
        record(Action.INVITATION_ACCEPT, by=by, target_id=invitation.id)
    return invitation


def _hash(token: str) -> bytes:
    return read_instance_secret(PEPPER).digest(b"invitation", token.encode())
