"""Several memories that were chosen in a list: deleted together, or left to expire."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from apps.common.errors import DomainError
from apps.dashboard.access import require_permission, require_recent_sign_in
from apps.dashboard.forms.purges import read_id
from apps.dashboard.presenters.confirmations import Confirmation
from apps.dashboard.presenters.text import counted
from apps.dashboard.queries.memories import PAGE_SIZE
from apps.dashboard.render import render_confirmation
from apps.memories.domain.batches import delete_batch
from apps.memories.domain.memories import update_memory
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest

    Act = Callable[[OperatorRequest, list[UUID]], str]

LIST = "dashboard:memory-list"


@require_permission(Permission.MEMORY_DELETE)
@require_recent_sign_in
def chosen_delete(request: OperatorRequest) -> HttpResponse:
    return ask_or_act(request, confirm_deletion, delete)


@require_permission(Permission.MEMORY_CHANGE)
def chosen_expire(request: OperatorRequest) -> HttpResponse:
    return ask_or_act(request, confirm_expiry, expire)


def ask_or_act(
    request: OperatorRequest, confirm: Callable[[list[UUID]], Confirmation], act: Act
) -> HttpResponse:
    """The list sends what was chosen; the question sends it once more."""
    ids = read_chosen(request)
    if ids and "confirmed" not in request.POST:
        return render_confirmation(request, confirm(ids))
    try:
        if ids:
            messages.success(request, act(request, ids))
        elif request.method == "POST":
            messages.error(request, "Choose a memory first: each row has a box")
    except DomainError as error:
        messages.error(request, error.detail)
    return redirect(LIST)


def read_chosen(request: OperatorRequest) -> list[UUID]:
    """At most a page of them. What is no id of ours matches nothing."""
    given = request.POST.getlist("memory")[:PAGE_SIZE]
    return list(dict.fromkeys(filter(None, map(read_id, given))))


def delete(request: OperatorRequest, ids: list[UUID]) -> str:
    count = delete_batch(tenant_id=request.tenant.id, memory_ids=ids, by=request.actor)
    return f"{name(count)} deleted"


def expire(request: OperatorRequest, ids: list[UUID]) -> str:
    """One after the other: where one is refused, those before it have expired."""
    yesterday = timezone.now().date() - timedelta(days=1)
    for memory_id in ids:
        update_memory(
            tenant_id=request.tenant.id, memory_id=memory_id, expires_on=yesterday, by=request.actor
        )
    return f"{name(len(ids))} expired: no search finds them"


def confirm_deletion(ids: list[UUID]) -> Confirmation:
    return Confirmation(
        room="Memories",
        href=reverse(LIST),
        heading=f"Delete {name(len(ids))}?",
        sentences=(
            "Their texts in all versions, their vectors and the messages of no other memory go.",
            "Their histories keep events and times.",
        ),
        act=f"Delete {name(len(ids))}",
        keep="Keep them",
        chosen=tuple(map(str, ids)),
    )


def confirm_expiry(ids: list[UUID]) -> Confirmation:
    return Confirmation(
        room="Memories",
        href=reverse(LIST),
        heading=f"Let {name(len(ids))} expire?",
        sentences=(
            "From now on no search and no list of an application finds them.",
            "Their texts stay until they are deleted; a later last day brings them back.",
        ),
        act=f"Let {name(len(ids))} expire",
        keep="Keep them",
        is_final=False,
        chosen=tuple(map(str, ids)),
    )


def name(count: int) -> str:
    return counted(count, "memory", "memories")
