"""Operators of the chosen tenant: roles and invitations."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from apps.common.errors import Conflict, DomainError
from apps.dashboard.access import has_permission, require_permission, require_recent_sign_in
from apps.dashboard.forms.operators import InviteForm, RoleForm
from apps.dashboard.forms.refusals import add_refusal
from apps.dashboard.presenters.confirmations import Confirmation
from apps.dashboard.presenters.operators import invitation_row, member_row, role_label
from apps.dashboard.render import render_confirmation, render_page
from apps.tenants import queries
from apps.tenants.domain.invitations import invite_operator, withdraw_invitation
from apps.tenants.domain.memberships import change_role, remove_membership
from apps.tenants.enums import Role
from apps.tenants.mails import mail_invitation
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest
    from apps.tenants.models import Invitation, Membership

ROOM = "dashboard:operator-list"


@require_permission(Permission.OPERATOR_VIEW)
def operator_list(request: OperatorRequest) -> HttpResponse:
    members = queries.list_memberships(request.tenant)
    now = timezone.now()
    context = {
        "members": [member_row(one, own_id=request.user.id) for one in members],
        "invitations": [
            invitation_row(one, now=now) for one in queries.list_invitations(request.tenant)
        ],
        "can_manage": has_permission(request, Permission.OPERATOR_MANAGE),
    }
    return render_page(request, "dashboard/operators/list.html", context)


@require_permission(Permission.OPERATOR_MANAGE)
@require_recent_sign_in
def operator_invite(request: OperatorRequest) -> HttpResponse:
    """The answer to the form shows the link, this once: it stands at no address."""
    form = InviteForm(request.POST or None, initial={"role": Role.VIEWER})
    if form.is_valid():
        try:
            invitation, token = invite_operator(
                tenant=request.tenant, by=request.actor, **form.cleaned_data
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            return show_link(request, invitation, token)
    context = {"form": form, "has_mail": settings.HAS_MAIL}
    return render_page(request, "dashboard/operators/invite.html", context)


@require_permission(Permission.OPERATOR_MANAGE)
@require_recent_sign_in
def operator_role(request: OperatorRequest, operator_id: UUID) -> HttpResponse:
    membership = queries.get_membership(tenant=request.tenant, operator_id=operator_id)
    form = RoleForm(request.POST or None, initial={"role": membership.role})
    if form.is_valid():
        role = Role(form.cleaned_data["role"])
        try:
            change_role(membership=membership, role=role, by=request.actor)
        except Conflict as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"{membership.operator} is {role_label(role)} now")
            return redirect("dashboard:overview" if is_own(request, membership) else ROOM)
    context = {"form": form, "member": member_row(membership, own_id=request.user.id)}
    return render_page(request, "dashboard/operators/role.html", context)


@require_permission(Permission.OPERATOR_MANAGE)
def operator_remove(request: OperatorRequest, operator_id: UUID) -> HttpResponse:
    membership = queries.get_membership(tenant=request.tenant, operator_id=operator_id)
    if request.method != "POST":
        return render_confirmation(request, confirm_remove(membership))
    try:
        remove_membership(membership=membership, by=request.actor)
    except Conflict as error:
        messages.error(request, error.detail)
        return redirect(ROOM)
    messages.success(request, f"{membership.operator} is in this tenant no more")
    return redirect("dashboard:overview" if is_own(request, membership) else ROOM)


@require_permission(Permission.OPERATOR_MANAGE)
def invitation_withdraw(request: OperatorRequest, invitation_id: UUID) -> HttpResponse:
    invitation = queries.get_invitation(tenant=request.tenant, invitation_id=invitation_id)
    if request.method != "POST":
        return render_confirmation(request, confirm_withdraw(invitation))
    withdraw_invitation(invitation=invitation, by=request.actor)
    messages.success(request, f"Invitation of {invitation.email} withdrawn")
    return redirect(ROOM)


def is_own(request: OperatorRequest, membership: Membership) -> bool:
    """The room may be closed to who changed the own role."""
    return membership.operator_id == request.user.id


def show_link(request: OperatorRequest, invitation: Invitation, token: str) -> HttpResponse:
    link = request.build_absolute_uri(reverse("invitation", args=[token]))
    wants_mail = settings.HAS_MAIL and "mail" in request.POST
    context = {
        "invitation": invitation,
        "role": role_label(invitation.role),
        "link": link,
        "wants_mail": wants_mail,
        "is_mailed": wants_mail and mail_invitation(invitation=invitation, link=link),
    }
    return render_page(request, "dashboard/operators/invited.html", context)


def confirm_remove(membership: Membership) -> Confirmation:
    return Confirmation(
        room="Operators",
        href=reverse(ROOM),
        heading=f"Remove {membership.operator} from {membership.tenant}?",
        sentences=(
            "The tenant is closed to this operator at once.",
            "The account and its roles in other tenants stay, as does the audit trail.",
        ),
        act="Remove this operator",
        keep="Keep this operator",
        is_final=False,
    )


def confirm_withdraw(invitation: Invitation) -> Confirmation:
    return Confirmation(
        room="Operators",
        href=reverse(ROOM),
        heading=f"Withdraw the invitation of {invitation.email}?",
        sentences=("Its link stops working at once.",),
        act="Withdraw this invitation",
        keep="Keep it",
    )
