"""Leaving: a copy of everything, the slug typed back, then how far it is, then the certificate."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import orjson
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect

from apps.common.errors import DomainError
from apps.dashboard.access import require_permission, require_recent_sign_in
from apps.dashboard.forms.tenant_erasure import EraseTenantForm
from apps.dashboard.presenters.requests import Count
from apps.dashboard.presenters.tenant_erasure import erasure_page
from apps.dashboard.render import render_page
from apps.isolation.scope import tenant_scope
from apps.privacy.domain.tenant_copies import make_tenant_copy
from apps.privacy.domain.tenant_erasure import count_rows, order_tenant_erasure, read_certificate
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from apps.dashboard.request import OperatorRequest


@require_permission(Permission.TENANT_ERASE)
def tenant_erase(request: OperatorRequest) -> HttpResponse:
    if request.tenant.closed_at is None:
        answer: HttpResponse = confirm_erasure(request)
        return answer
    parts = {"work": "dashboard/leaving/_work.html"}
    context = {"page": erasure_page(request.tenant)}
    return render_page(request, "dashboard/leaving/show.html", context, parts=parts)


@require_recent_sign_in
def confirm_erasure(request: OperatorRequest) -> HttpResponse:
    form = EraseTenantForm(request.POST or None, expected=request.tenant.slug)
    if form.is_valid():
        try:
            order_tenant_erasure(tenant=request.tenant, by=request.actor)
            return redirect("dashboard:tenant-erase")
        except DomainError as error:
            form.add_error(None, error.detail)
    with tenant_scope(request.tenant.id):
        found = count_rows()
    counts = [Count(label.rpartition(".")[2], count) for label, count in found.items()]
    context = {"form": form, "counts": counts, "total": sum(found.values())}
    return render_page(request, "dashboard/leaving/confirm.html", context)


@require_permission(Permission.TENANT_ERASE)
@require_recent_sign_in
def tenant_copy(request: OperatorRequest) -> HttpResponse:
    """Written first and then sent: what is large takes a while."""
    if request.tenant.closed_at:
        return redirect("dashboard:tenant-erase")
    copy, size = make_tenant_copy(tenant=request.tenant, by=request.actor)
    response = FileResponse(
        copy,
        as_attachment=True,
        filename=f"{request.tenant.slug}.zip",
        content_type="application/zip",
        headers={"Content-Length": str(size)},
    )
    return cast("HttpResponse", response)


@require_permission(Permission.TENANT_ERASE)
def tenant_certificate(request: OperatorRequest) -> HttpResponse:
    document = read_certificate(request.tenant)
    raw = orjson.dumps(document, option=orjson.OPT_INDENT_2)
    name = f"erasure-{document['subject']['id']}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(raw, content_type="application/json", headers=headers)
