"""How far the memories of tenants are embedded by the current model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from uuid import UUID

    from apps.dashboard.presenters.parts import StateKind
    from apps.memories.models import Renewal


@dataclass(frozen=True, slots=True)
class RenewalRow:
    tenant: str
    model: str
    state: StateKind
    word: str
    label: str
    words: str
    seen: int
    total: int
    started_at: datetime
    ended_at: datetime | None


def renewal_rows(renewals: Iterable[Renewal], names: Mapping[UUID | None, str]) -> list[RenewalRow]:
    return [renewal_row(one, names.get(one.tenant_id, "a removed tenant")) for one in renewals]


def renewal_row(renewal: Renewal, tenant: str) -> RenewalRow:
    state, word = renewal_state(renewal)
    skipped = f", {renewal.skipped:,} skipped" if renewal.skipped else ""
    return RenewalRow(
        tenant=tenant,
        model=renewal.model.name,
        state=state,
        word=word,
        label=f"Memories of {tenant}",
        words=f"{renewal.done:,} of {renewal.total:,}{skipped}",
        seen=renewal.total if renewal.ended_at else renewal.done + renewal.skipped,
        total=max(renewal.total, 1),
        started_at=renewal.started_at,
        ended_at=renewal.ended_at,
    )


def renewal_state(renewal: Renewal) -> tuple[StateKind, str]:
    if renewal.ended_at:
        return "done", "done"
    if renewal.has_failed:
        return "failed", "the model did not answer; tried again each minute"
    return "running", "running"
