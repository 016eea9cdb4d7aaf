"""A page of memories as they will stand in a person's copy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from django.urls import reverse

from apps.dashboard.presenters.memories import memory_href, seal
from apps.dashboard.presenters.parts import SealedText
from apps.privacy.domain.redacting import REDACTED, make_hiding

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from apps.dashboard.forms.redactions import RedactForm
    from apps.dashboard.queries.memories import MemoryPage
    from apps.memories.models import Memory
    from apps.privacy.models import Request


@dataclass(frozen=True, slots=True)
class Marked:
    passages: Sequence[str]
    records: frozenset[UUID]

    @classmethod
    def of(cls, request: Request) -> Marked:
        saved = request.redactions or {"passages": [], "records": []}
        return cls(saved["passages"], frozenset(map(UUID, saved["records"])))

    def change(self, form: RedactForm) -> Marked:
        """By what was sent: of other pages than the one that was shown, the records stay."""
        shown, checked = (frozenset(form.read_ids(name)) for name in ("shown", "record"))
        return Marked(form.read_passages(), self.records - shown | checked)


@dataclass(frozen=True, slots=True)
class RedactionRow:
    id: str
    href: str
    text: SealedText
    created_at: datetime
    is_left_out: bool


@dataclass(frozen=True, slots=True)
class RedactionPage:
    back: str
    rows: tuple[RedactionRow, ...]
    is_revealed: bool
    newer: str
    older: str
    elsewhere: int


def redaction_page(
    request: Request, page: MemoryPage, marked: Marked, *, reveals: bool
) -> RedactionPage:
    href = reverse("dashboard:request-redact", args=[request.id])
    rows = tuple(redaction_row(memory, marked, reveals=reveals) for memory in page.rows)
    here = sum(row.is_left_out for row in rows)
    return RedactionPage(
        back=reverse("dashboard:request-detail", args=[request.id]),
        rows=rows,
        is_revealed=reveals,
        newer=f"{href}?after={page.rows[0].id}" if page.has_newer and rows else "",
        older=f"{href}?before={page.rows[-1].id}" if page.has_older and rows else "",
        elsewhere=len(marked.records) - here,
    )


def redaction_row(memory: Memory, marked: Marked, *, reveals: bool) -> RedactionRow:
    is_left_out = memory.id in marked.records
    sealed = seal(memory, reveals=reveals)
    if sealed.state == "revealed":
        words = REDACTED if is_left_out else make_hiding(marked.passages)(sealed.words)
        sealed = SealedText("revealed", words)
    return RedactionRow(
        id=str(memory.id),
        href=memory_href(memory.id),
        text=sealed,
        created_at=memory.created_at,
        is_left_out=is_left_out,
    )
