"""The erasure of a whole tenant as its page shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apps.dashboard.presenters.parts import StateKind, Step
from apps.dashboard.presenters.requests import Count, Horizon, make_horizons
from apps.dashboard.presenters.text import number
from apps.privacy.enums import TenantStep

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.tenants.models import Tenant


@dataclass(frozen=True, slots=True)
class ErasurePage:
    slug: str
    done: int
    total: int
    steps: tuple[Step, ...]
    counts: tuple[Count, ...]
    horizons: tuple[Horizon, ...]
    certificate: Mapping[str, Any] | None
    command: str

    @property
    def is_running(self) -> bool:
        return self.certificate is None

    @property
    def progress(self) -> str:
        return f"{number(self.done)} of {number(self.total)}"


def erasure_page(tenant: Tenant) -> ErasurePage:
    state: dict[str, Any] = tenant.closing or {}
    document = state.get("certificate")
    done = sum(state["tables"].values())
    return ErasurePage(
        slug=state["slug"],
        done=done,
        total=max(done, sum(state["found"].values())),
        steps=tuple(make_steps(state)),
        counts=tuple(make_counts(document)) if document else (),
        horizons=tuple(make_horizons(document)) if document else (),
        certificate=document,
        command=f"verify.py certificate erasure-{state['slug']}.json --public-key keys.pem",
    )


def make_steps(state: Mapping[str, Any]) -> list[Step]:
    """Those before the present one are done, and may be done once more."""
    order = list(TenantStep)
    present = len(order) if "certificate" in state else order.index(TenantStep(state["step"]))
    return [Step(str(step.label), _kind(place, present)) for place, step in enumerate(order)]


def make_counts(document: Mapping[str, Any]) -> list[Count]:
    return [
        Count(
            row["table"].rpartition(".")[2],
            row["found"],
            row["shredded"],
            row["deleted_only"],
            row["left"],
        )
        for row in document["tables"]
    ]


def _kind(place: int, present: int) -> StateKind:
    if place < present:
        return "done"
    return "running" if place == present else "waiting"
