"""Changing, expiring and deleting one memory."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from apps.common.errors import DomainError
from apps.dashboard.access import require_permission, require_recent_sign_in
from apps.dashboard.forms.memories import MemoryForm
from apps.dashboard.forms.refusals import add_refusal
from apps.dashboard.presenters import text
from apps.dashboard.presenters.confirmations import Confirmation
from apps.dashboard.render import render_confirmation, render_page
from apps.isolation.scope import tenant_scope
from apps.memories.domain.deletion import delete_memory
from apps.memories.domain.memories import UNCHANGED, update_memory
from apps.memories.domain.reads import record_opened
from apps.memories.queries.memories import get_memory
from apps.tenants.rules import Permission

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpResponse

    from apps.dashboard.request import OperatorRequest
    from apps.memories.models import Memory

DETAIL = "dashboard:memory-detail"


@require_permission(Permission.MEMORY_CHANGE)
def memory_edit(request: OperatorRequest, memory_id: UUID) -> HttpResponse:
    """Its form holds the text, so to open it is to reveal it."""
    memory = find(request, memory_id)
    if request.method != "POST":
        answer: HttpResponse = open_form(request, memory)
        return answer
    form = MemoryForm(request.POST)
    if form.is_valid() and change(request, memory, form):
        messages.success(request, "The memory is changed")
        return redirect(DETAIL, memory_id)
    return render_form(request, memory, form)


@require_recent_sign_in
def open_form(request: OperatorRequest, memory: Memory) -> HttpResponse:
    with tenant_scope(request.tenant.id):
        record_opened(memory_id=memory.id, by=request.actor)
    return render_form(request, memory, MemoryForm(initial=initial_values(memory)))


def render_form(request: OperatorRequest, memory: Memory, form: MemoryForm) -> HttpResponse:
    """Once sent it holds what was sent, and nothing of what is kept."""
    context = {
        "form": form,
        "href": reverse(DETAIL, args=[memory.id]),
        "short_id": text.short_id(memory.id),
    }
    return render_page(request, "dashboard/memories/edit.html", context)


@require_permission(Permission.MEMORY_CHANGE)
def memory_expire(request: OperatorRequest, memory_id: UUID) -> HttpResponse:
    find(request, memory_id)
    if request.method != "POST":
        return render_confirmation(request, confirm_expiry(memory_id))
    yesterday = timezone.now().date() - timedelta(days=1)
    try:
        update_memory(
            tenant_id=request.tenant.id, memory_id=memory_id, expires_on=yesterday, by=request.actor
        )
        messages.success(request, "The memory has expired: no search finds it")
    except DomainError as error:
        messages.error(request, error.detail)
    return redirect(DETAIL, memory_id)


@require_permission(Permission.MEMORY_DELETE)
def memory_delete(request: OperatorRequest, memory_id: UUID) -> HttpResponse:
    """What is not there is not found, before a sign-in is asked for."""
    find(request, memory_id)
    return confirm_and_delete(request, memory_id)


@require_recent_sign_in
def confirm_and_delete(request: OperatorRequest, memory_id: UUID) -> HttpResponse:
    if request.method != "POST":
        return render_confirmation(request, confirm_deletion(memory_id))
    try:
        delete_memory(tenant_id=request.tenant.id, memory_id=memory_id, by=request.actor)
        messages.success(request, "The memory is deleted")
    except DomainError as error:
        messages.error(request, error.detail)
    return redirect(DETAIL, memory_id)


def find(request: OperatorRequest, memory_id: UUID) -> Memory:
    with tenant_scope(request.tenant.id):
        return get_memory(memory_id)


def initial_values(memory: Memory) -> dict[str, Any]:
    return {
        "text": memory.text,
        "categories": ", ".join(memory.categories or ()),
        "metadata": json.dumps(memory.metadata, ensure_ascii=False, indent=2)
        if memory.metadata
        else "",
        "expires_on": memory.expires_on,
    }


def change(request: OperatorRequest, memory: Memory, form: MemoryForm) -> bool:
    """Only what differs is written: a text that stays is not embedded again."""
    given = form.cleaned_data
    known = {
        "metadata": memory.metadata or {},
        "categories": memory.categories or [],
        "expires_on": memory.expires_on,
    }
    changes = {
        name: given[name] if given[name] != value else UNCHANGED for name, value in known.items()
    }
    try:
        update_memory(
            tenant_id=request.tenant.id,
            memory_id=memory.id,
            text=given["text"] if given["text"] != memory.text else None,
            **changes,
            by=request.actor,
        )
    except DomainError as error:
        add_refusal(form, error)
        return False
    return True


def confirm_expiry(memory_id: UUID) -> Confirmation:
    return Confirmation(
        room="Memories",
        href=reverse(DETAIL, args=[memory_id]),
        heading="Let this memory expire?",
        sentences=(
            "From now on no search and no list of an application finds it.",
            "Its text stays until it is deleted; a later last day brings it back.",
        ),
        act="Let it expire",
        keep="Keep it",
        is_final=False,
    )


def confirm_deletion(memory_id: UUID) -> Confirmation:
    return Confirmation(
        room="Memories",
        href=reverse(DETAIL, args=[memory_id]),
        heading="Delete this memory?",
        sentences=(
            "Its text in all versions, its vector and the messages of no other memory go.",
            "Its history keeps events and times.",
        ),
        act="Delete this memory",
        keep="Keep it",
    )
