"""What would become of a text that an operator tries."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.dashboard.presenters.text import counted
from apps.memories.enums import Sensitive

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Trial:
    text: str = ""
    refusal: str = ""
    counts: tuple[str, ...] = ()


def show_trial(text: str, redacted: Mapping[str, int]) -> Trial:
    counts = (
        counted(count, str(Sensitive(kind).label), f"{Sensitive(kind).label}s")
        for kind, count in redacted.items()
    )
    return Trial(text=text, counts=tuple(counts))
