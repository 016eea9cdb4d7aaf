"""What instance owners decide: tenants and operators. Never what is stored in a tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect

from apps.accounts.domain.factors import remove_factors
from apps.common.errors import Conflict, DomainError
from apps.dashboard.access import require_permission, require_recent_sign_in
from apps.dashboard.forms.operators import DeleteForm, RenameForm, TenantForm
from apps.dashboard.forms.refusals import add_refusal
from apps.dashboard.middleware import TENANT_KEY
from apps.dashboard.presenters.operators import operator_row, tenant_rows
from apps.dashboard.presenters.text import counted
from apps.dashboard.render import render_page
from apps.tenants import queries
from apps.tenants.domain.memberships import create_owned_tenant
from apps.tenants.domain.operators import change_instance_owner, delete_operator, switch_operator
from apps.tenants.domain.tenants import rename_tenant
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from apps.accounts.models import Operator
    from apps.dashboard.request import OperatorRequest


@require_permission(Permission.TENANT_GOVERN)
def tenant_list(request: OperatorRequest) -> HttpResponse:
    context = {"tenants": tenant_rows(queries.list_tenants())}
    return render_page(request, "dashboard/governance/tenants.html", context)


@require_permission(Permission.TENANT_GOVERN)
def tenant_create(request: OperatorRequest) -> HttpResponse:
    """Whoever makes it is its owner, and sees it next."""
    form = TenantForm(request.POST or None)
    if form.is_valid():
        try:
            tenant = create_owned_tenant(owner=request.user, by=request.actor, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            request.session[TENANT_KEY] = str(tenant.id)
            messages.success(request, f"Tenant {tenant} created; you are its owner")
            return redirect("dashboard:operator-list")
    return render_page(request, "dashboard/governance/tenant_create.html", {"form": form})


@require_permission(Permission.TENANT_GOVERN)
def tenant_rename(request: OperatorRequest, tenant_id: UUID) -> HttpResponse:
    tenant = queries.get_tenant_by_id(tenant_id)
    form = RenameForm(request.POST or None, initial={"name": tenant.name})
    if form.is_valid():
        try:
            rename_tenant(tenant=tenant, name=form.cleaned_data["name"], by=request.actor)
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"The tenant is called {tenant} now")
            return redirect("dashboard:instance-tenant-list")
    context = {"form": form, "tenant": tenant}
    return render_page(request, "dashboard/governance/tenant_rename.html", context)


@require_permission(Permission.OPERATOR_GOVERN)
def operator_list(request: OperatorRequest) -> HttpResponse:
    context = {"operators": [operator_row(one) for one in queries.list_operators()]}
    return render_page(request, "dashboard/governance/operators.html", context)


@require_permission(Permission.OPERATOR_GOVERN)
@require_recent_sign_in
def operator_detail(request: OperatorRequest, operator_id: UUID) -> HttpResponse:
    operator = queries.get_operator(operator_id)
    is_deletion = request.POST.get("act") == "delete"
    form = DeleteForm(request.POST if is_deletion else None, expected=operator.email)
    if request.method != "POST" or (is_deletion and not form.is_valid()):
        is_self = operator == request.user
        context = {"row": operator_row(operator), "is_self": is_self, "form": form}
        return render_page(request, "dashboard/governance/operator.html", context)
    try:
        messages.success(request, decide(request, operator, request.POST.get("act", "")))
    except Conflict as error:
        messages.error(request, error.detail)
    return redirect("dashboard:instance-operator-list")


def decide(request: OperatorRequest, operator: Operator, act: str) -> str:
    """What was done, in words."""
    by = request.actor
    match act:
        case "off" | "on":
            switch_operator(operator=operator, is_on=act == "on", by=by)
            return f"{operator} is switched {act}"
        case "owner" | "no-owner":
            change_instance_owner(operator=operator, is_owner=act == "owner", by=by)
            return f"{operator} is {'an' if act == 'owner' else 'no'} instance owner now"
        case "factors":
            removed = remove_factors(operator=operator, by=by)
            return f"{counted(removed, 'second factor')} of {operator} removed"
        case "delete":
            delete_operator(operator=operator, by=by)
            return "The operator is deleted, with what was personal of them in the audit trails"
    return "Nothing was changed"
