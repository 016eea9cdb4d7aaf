from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from apps.common.errors import DomainError
from apps.dashboard.access import has_permission, require_permission, require_recent_sign_in
from apps.dashboard.forms.api_keys import ApiKeyForm
from apps.dashboard.forms.refusals import add_refusal
from apps.dashboard.presenters.api_keys import key_room, mask
from apps.dashboard.presenters.confirmations import Confirmation
from apps.dashboard.render import render_confirmation, render_page
from apps.tenants.domain.api_keys import create_api_key, revoke_api_key
from apps.tenants.queries import get_api_key, list_api_keys
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest
    from apps.tenants.models import ApiKey

ROOM = "dashboard:api-key-list"


@require_permission(Permission.APIKEY_VIEW)
def key_list(request: OperatorRequest) -> HttpResponse:
    context = {
        "room": key_room(list_api_keys(request.tenant), now=timezone.now()),
        "can_manage": has_permission(request, Permission.APIKEY_MANAGE),
    }
    return render_page(request, "dashboard/api_keys/list.html", context)


@require_permission(Permission.APIKEY_MANAGE)
@require_recent_sign_in
def key_create(request: OperatorRequest) -> HttpResponse:
    """The answer to the form shows the key, this once: it stands at no address."""
    form = ApiKeyForm(request.POST or None)
    if form.is_valid():
        try:
            key, text = create_api_key(tenant=request.tenant, by=request.actor, **form.cleaned_data)
        except DomainError as error:
            add_refusal(form, error)
        else:
            return show_key(request, key, text)
    return render_page(request, "dashboard/api_keys/create.html", {"form": form})


@require_permission(Permission.APIKEY_MANAGE)
def key_revoke(request: OperatorRequest, key_id: UUID) -> HttpResponse:
    key = get_api_key(tenant=request.tenant, key_id=key_id)
    if request.method != "POST":
        return render_confirmation(request, confirm_revoke(key))
    revoke_api_key(key=key, by=request.actor)
    messages.success(request, f"Key {key.name} revoked")
    return redirect(ROOM)


def show_key(request: OperatorRequest, key: ApiKey, text: str) -> HttpResponse:
    host = request.build_absolute_uri("/").rstrip("/")
    code = f'MemoryClient(api_key="{text}", host="{host}")'
    context = {"key": key, "text": text, "code": code}
    return render_page(request, "dashboard/api_keys/created.html", context)


def confirm_revoke(key: ApiKey) -> Confirmation:
    return Confirmation(
        room="API keys",
        href=reverse(ROOM),
        heading=f"Revoke the key {key.name}?",
        sentences=(
            f"Whatever sends {mask(key)} is refused from its next request on.",
            "What it stored stays.",
        ),
        act="Revoke this key",
        keep="Keep it",
    )
