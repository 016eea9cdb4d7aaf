from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from apps.common.errors import DomainError
from apps.common.ids import make_number
from apps.dashboard.access import has_permission, require_permission, require_recent_sign_in
from apps.dashboard.forms.refusals import add_refusal
from apps.dashboard.forms.webhooks import WebhookForm
from apps.dashboard.presenters import webhooks as presenter
from apps.dashboard.presenters.confirmations import Confirmation
from apps.dashboard.queries import webhooks as queries
from apps.dashboard.render import render_confirmation, render_page
from apps.isolation.scope import tenant_scope
from apps.memories.domain.deliveries import retry_delivery, try_webhook
from apps.memories.domain.webhooks import change_webhook, create_webhook, delete_webhook
from apps.memories.enums import DeliveryState
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest
    from apps.memories.models import Webhook

ROOM = "dashboard:webhook-list"
PAGE = "dashboard:webhook-detail"


@require_permission(Permission.WEBHOOK_VIEW)
def webhook_list(request: OperatorRequest) -> HttpResponse:
    with tenant_scope(request.tenant.id):
        rows = presenter.webhook_rows(queries.list_webhooks(), queries.count_deliveries())
    context = {"rows": rows, "can_manage": has_permission(request, Permission.WEBHOOK_MANAGE)}
    return render_page(request, "dashboard/webhooks/list.html", context)


@require_permission(Permission.WEBHOOK_MANAGE)
@require_recent_sign_in
def webhook_create(request: OperatorRequest) -> HttpResponse:
    """The answer to the form shows the secret, this once: it stands at no address."""
    form = WebhookForm(request.POST or None)
    if form.is_valid():
        try:
            hook = create_webhook(
                tenant_id=request.tenant.id, values=form.read_values(), by=request.actor
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            return render_page(request, "dashboard/webhooks/created.html", {"hook": hook})
    return render_page(request, "dashboard/webhooks/form.html", {"form": form, "hook": None})


@require_permission(Permission.WEBHOOK_VIEW)
def webhook_detail(request: OperatorRequest, webhook_id: UUID) -> HttpResponse:
    shown = request.GET.get("show", "")
    state = DeliveryState(shown) if shown in DeliveryState.values else None
    with tenant_scope(request.tenant.id):
        hook = queries.get_webhook(webhook_id)
        counts = queries.count_deliveries().get(hook.id, {})
        rows = [presenter.delivery_row(row) for row in queries.list_deliveries(hook.id, state)]
    context = {
        "hook": presenter.webhook_row(hook, counts),
        "hook_id": hook.id,
        "tabs": presenter.delivery_tabs(hook, counts, state or ""),
        "rows": rows,
        "can_manage": has_permission(request, Permission.WEBHOOK_MANAGE),
    }
    return render_page(request, "dashboard/webhooks/show.html", context)


@require_permission(Permission.WEBHOOK_MANAGE)
@require_recent_sign_in
def webhook_change(request: OperatorRequest, webhook_id: UUID) -> HttpResponse:
    """The address may hold a password, so only who may change it sees it whole."""
    with tenant_scope(request.tenant.id):
        hook = queries.get_webhook(webhook_id)
    form = WebhookForm(request.POST or None, initial=describe(hook))
    if form.is_valid():
        try:
            change_webhook(
                tenant_id=request.tenant.id,
                number=make_number(hook.id),
                values=form.read_values(),
                by=request.actor,
            )
        except DomainError as error:
            add_refusal(form, error)
        else:
            messages.success(request, f"Webhook {form.cleaned_data['name']} changed")
            return redirect(PAGE, hook.id)
    return render_page(request, "dashboard/webhooks/form.html", {"form": form, "hook": hook})


@require_permission(Permission.WEBHOOK_MANAGE)
def webhook_delete(request: OperatorRequest, webhook_id: UUID) -> HttpResponse:
    with tenant_scope(request.tenant.id):
        hook = queries.get_webhook(webhook_id)
    if request.method != "POST":
        return render_confirmation(request, confirm_delete(hook))
    delete_webhook(tenant_id=request.tenant.id, number=make_number(hook.id), by=request.actor)
    messages.success(request, f"Webhook {hook.name} deleted")
    return redirect(ROOM)


@require_permission(Permission.WEBHOOK_MANAGE)
@require_POST
def webhook_test(request: OperatorRequest, webhook_id: UUID) -> HttpResponse:
    answer = try_webhook(tenant_id=request.tenant.id, webhook_id=webhook_id, by=request.actor)
    tell = messages.error if answer.error else messages.success
    tell(request, presenter.say_answer(answer))
    return redirect(PAGE, webhook_id)


@require_permission(Permission.WEBHOOK_MANAGE)
@require_POST
def webhook_retry(request: OperatorRequest, webhook_id: UUID, delivery_id: UUID) -> HttpResponse:
    try:
        retry_delivery(tenant_id=request.tenant.id, delivery_id=delivery_id, by=request.actor)
    except DomainError as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, "It is sent again within seconds")
    return redirect(PAGE, webhook_id)


def describe(hook: Webhook) -> dict[str, object]:
    return {
        "name": hook.name,
        "url": hook.url,
        "event_types": hook.event_types,
        "state": "on" if hook.is_active else "off",
    }


def confirm_delete(hook: Webhook) -> Confirmation:
    return Confirmation(
        room="Webhooks",
        href=reverse(ROOM),
        heading=f"Delete the webhook {hook.name}?",
        sentences=(
            "Nothing more is sent to it, and what waits for it is dropped.",
            "The list of its deliveries goes with it.",
        ),
        act="Delete this webhook",
        keep="Keep it",
    )
