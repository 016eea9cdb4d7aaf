"""Requests for the dashboard. Call inside the tenant's scope."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils import timezone

from apps.keys.queries import with_keys
from apps.memories.queries.entities import find_entities_by_id
from apps.privacy.domain.moves import get_request, is_approval_needed
from apps.privacy.domain.particulars import read_handling
from apps.privacy.enums import OPEN
from apps.privacy.models import Certificate, Note, Request, SubjectCopy

if TYPE_CHECKING:
    from uuid import UUID

MOST_SHOWN = 200
LISTED = ("kind", "state", "is_lift", "due_on", "paused_at", "assignee_id")


@dataclass(frozen=True, slots=True)
class Found:
    """A request with what hangs on it."""

    request: Request
    subject: str | None
    needs_approval: bool
    certificate: Certificate | None
    has_copy: bool
    notes: list[Note]


def list_open() -> list[Request]:
    """What is due first stands first. Nothing sealed is read."""
    rows = Request.objects.filter(state__in=OPEN).only(*LISTED)
    return list(rows.order_by("due_on", "id")[:MOST_SHOWN])


def list_all() -> list[Request]:
    """Newest first. Nothing sealed is read."""
    return list(Request.objects.only(*LISTED).order_by("-id")[:MOST_SHOWN])


def count_open() -> int:
    return Request.objects.filter(state__in=OPEN).count()


def find_request(request_id: UUID) -> Found:
    request = get_request(request_id)
    _ = request.reference, request.explanation, request.redactions
    named = find_entities_by_id([request.subject_id] if request.subject_id else [])
    notes = with_keys(Note.objects.filter(request=request).order_by("-id"), owner="subject_id")
    for note in notes:
        _ = note.text
    copies = SubjectCopy.objects.filter(request=request, expires_at__gt=timezone.now())
    return Found(
        request=request,
        subject=named[0].external_id if named else request.subject_name,
        needs_approval=is_approval_needed(request, read_handling()),
        certificate=Certificate.objects.filter(request=request).order_by("-number").first(),
        has_copy=copies.exclude(sha256="").exists(),
        notes=notes,
    )


def list_copies(subject_id: UUID) -> list[SubjectCopy]:
    """Those that can be downloaded, the newest first. One statement."""
    kept = SubjectCopy.objects.filter(subject_id=subject_id, expires_at__gt=timezone.now())
    return list(kept.exclude(sha256="").defer("file_key").order_by("-id"))


def list_of_subject(subject_id: UUID) -> list[Request]:
    """Newest first. Nothing sealed is read."""
    rows = Request.objects.filter(subject_id=subject_id).only(*LISTED)
    return list(rows.order_by("-id")[:MOST_SHOWN])
