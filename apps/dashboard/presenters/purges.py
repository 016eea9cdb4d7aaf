"""A purge as its page shows it: before, while and after it runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from apps.dashboard.presenters.parts import Figure, StateKind
from apps.dashboard.presenters.text import counted, number
from apps.privacy.enums import PurgeState

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from apps.memories.models import Entity
    from apps.privacy.domain.purging import Preview
    from apps.privacy.models import Purge

STATES: Mapping[str, StateKind] = {
    PurgeState.CHOSEN: "waiting",
    PurgeState.RUNNING: "running",
    PurgeState.DONE: "done",
    PurgeState.BLOCKED: "held",
}
WORDS = {
    PurgeState.CHOSEN: "not confirmed",
    PurgeState.RUNNING: "running",
    PurgeState.DONE: "done",
    PurgeState.BLOCKED: "stopped by a hold or a restriction",
}


@dataclass(frozen=True, slots=True)
class PurgePage:
    id: str
    href: str
    back: str
    subject: str
    state: StateKind
    words: str
    is_chosen: bool
    is_running: bool
    is_blocked: bool
    is_done: bool
    done: int
    total: int
    days: str
    started_at: datetime | None
    ended_at: datetime | None
    figures: tuple[Figure, ...] = ()
    kept: int = 0

    @property
    def progress(self) -> str:
        return f"{number(self.done)} of {number(self.total)}"

    @property
    def left(self) -> int:
        return self.total - self.done

    @property
    def button(self) -> str:
        return f"Purge {counted(self.left, 'memory', 'memories')}"


def purge_page(purge: Purge, *, entity: Entity, preview: Preview | None) -> PurgePage:
    state = PurgeState(purge.state)
    return PurgePage(
        id=str(purge.id),
        href=reverse("dashboard:purge-detail", args=[purge.id]),
        back=reverse("dashboard:entity-detail", args=[entity.id]),
        subject=entity.external_id,
        state=STATES[state],
        words=WORDS[state],
        is_chosen=state == PurgeState.CHOSEN,
        is_running=state == PurgeState.RUNNING,
        is_blocked=state == PurgeState.BLOCKED,
        is_done=state == PurgeState.DONE,
        done=purge.done,
        total=purge.total,
        days=say_days(purge),
        started_at=purge.started_at,
        ended_at=purge.ended_at,
        figures=preview_figures(preview) if preview else (),
        kept=preview.kept if preview else 0,
    )


def say_days(purge: Purge) -> str:
    """Which memories were chosen."""
    if purge.memory_ids is not None:
        return "selected one by one"
    if purge.since and purge.until:
        return f"all that are dated {purge.since} to {purge.until}"
    if purge.since:
        return f"all that are dated {purge.since} or later"
    return f"all that are dated {purge.until} or before" if purge.until else "all that are kept"


def preview_figures(preview: Preview) -> tuple[Figure, ...]:
    return (
        Figure("Memories", number(preview.memories)),
        Figure("Versions", number(preview.versions)),
        Figure("Messages", number(preview.messages)),
        Figure("Also about others", number(preview.shared)),
        Figure("Held or restricted", number(preview.kept)),
    )
