"""Exports of lists as their pages show them: no text of a memory, nor what was asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from apps.dashboard.presenters import text
from apps.dashboard.presenters.confirmations import Confirmation
from apps.privacy.enums import ListState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from apps.dashboard.presenters.parts import StateKind
    from apps.privacy.models import ListExport

PAGES = ("detail", "download", "remove")
STATES: Mapping[str, tuple[StateKind, str]] = {
    ListState.CHOSEN: ("waiting", "not confirmed"),
    ListState.RUNNING: ("running", "is written"),
    ListState.DONE: ("done", "ready"),
}


@dataclass(frozen=True, slots=True)
class ExportView:
    short_id: str
    href: str
    download_href: str
    remove_href: str
    state: StateKind
    words: str
    is_chosen: bool
    is_running: bool
    is_done: bool
    failure: str
    done: int
    total: int
    left_out: int
    size: str
    operator: str
    created_at: datetime
    expires_at: datetime

    @property
    def counted(self) -> str:
        return text.counted(self.total, "memory", "memories")

    @property
    def heading(self) -> str:
        return f"Export {self.counted} as JSON" if self.is_chosen else f"Export of {self.counted}"

    @property
    def progress(self) -> str:
        return f"{text.number(self.done)} of {text.number(self.total)}"


def export_view(export: ListExport, *, names: Mapping[UUID, str]) -> ExportView:
    state, words = STATES[export.state]
    hrefs = {name: reverse(f"dashboard:export-{name}", args=[export.id]) for name in PAGES}
    return ExportView(
        short_id=text.short_id(export.id),
        href=hrefs["detail"],
        download_href=hrefs["download"],
        remove_href=hrefs["remove"],
        state=state,
        words=words,
        is_chosen=export.state == ListState.CHOSEN,
        is_running=export.state == ListState.RUNNING,
        is_done=export.state == ListState.DONE,
        failure=export.failure,
        done=export.done,
        total=export.total,
        left_out=export.left_out,
        size=" ".join(text.size(export.size)) if export.size else "",
        operator=names.get(export.operator_id, "somebody") if export.operator_id else "somebody",
        created_at=export.created_at,
        expires_at=export.expires_at,
    )


def confirm_removal(export: ListExport) -> Confirmation:
    return Confirmation(
        room="Exports",
        href=reverse("dashboard:export-list"),
        heading=f"Remove the export {text.short_id(export.id)}?",
        sentences=("The file and its key go now. The memories stay.",),
        act="Remove this export",
        keep="Keep it",
    )
