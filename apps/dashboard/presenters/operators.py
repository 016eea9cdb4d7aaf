"""Operators, their roles and invitations, as the rooms show them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from apps.dashboard.presenters.text import counted
from apps.tenants.enums import Role

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from uuid import UUID

    from apps.accounts.models import Operator
    from apps.dashboard.presenters.parts import StateKind
    from apps.tenants.models import Invitation, Membership, Tenant


@dataclass(frozen=True, slots=True)
class MemberRow:
    name: str
    email: str
    role: str
    factor: str
    is_self: bool
    is_active: bool
    last_login: datetime | None
    role_href: str
    remove_href: str


@dataclass(frozen=True, slots=True)
class InvitationRow:
    email: str
    role: str
    by: str
    state: StateKind
    word: str
    created_at: datetime
    expires_at: datetime
    withdraw_href: str


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """An operator of the instance."""

    name: str
    email: str
    href: str
    state: StateKind
    word: str
    factor: str
    is_instance_owner: bool
    tenants: tuple[str, ...]
    last_login: datetime | None


@dataclass(frozen=True, slots=True)
class TenantRow:
    name: str
    slug: str
    href: str
    operators: str
    keys: str
    created_at: datetime


def role_label(role: str) -> str:
    return Role(role).label.lower()


def factor_word(has_factor: bool) -> str:  # noqa: FBT001
    return "on" if has_factor else "off"


def member_row(membership: Membership, *, own_id: UUID) -> MemberRow:
    operator = membership.operator
    return MemberRow(
        name=str(operator),
        email=operator.email,
        role=role_label(membership.role),
        factor=factor_word(getattr(membership, "has_factor", False)),
        is_self=operator.id == own_id,
        is_active=operator.is_active,
        last_login=operator.last_login,
        role_href=reverse("dashboard:operator-role", args=[operator.id]),
        remove_href=reverse("dashboard:operator-remove", args=[operator.id]),
    )


def invitation_row(invitation: Invitation, *, now: datetime) -> InvitationRow:
    is_open = invitation.expires_at > now
    return InvitationRow(
        email=invitation.email,
        role=role_label(invitation.role),
        by=str(invitation.invited_by or "System"),
        state="waiting" if is_open else "off",
        word="not used yet" if is_open else "expired",
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
        withdraw_href=reverse("dashboard:operator-withdraw", args=[invitation.id]),
    )


def operator_row(operator: Operator) -> OperatorRow:
    return OperatorRow(
        name=str(operator),
        email=operator.email,
        href=reverse("dashboard:instance-operator", args=[operator.id]),
        state="done" if operator.is_active else "off",
        word="on" if operator.is_active else "switched off",
        factor=factor_word(operator.has_factor),  # type: ignore[attr-defined]
        is_instance_owner=operator.is_instance_owner,
        tenants=tuple(
            f"{one.tenant.name}: {role_label(one.role)}" for one in operator.memberships.all()
        ),
        last_login=operator.last_login,
    )


def tenant_rows(tenants: Sequence[Tenant]) -> list[TenantRow]:
    return [
        TenantRow(
            name=tenant.name,
            slug=tenant.slug,
            href=reverse("dashboard:instance-tenant", args=[tenant.id]),
            operators=counted(tenant.operators, "operator"),  # type: ignore[attr-defined]
            keys=counted(tenant.keys, "API key"),  # type: ignore[attr-defined]
            created_at=tenant.created_at,
        )
        for tenant in tenants
    ]
