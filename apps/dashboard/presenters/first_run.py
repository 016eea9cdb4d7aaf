"""What is to be done before a new tenant is of use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

if TYPE_CHECKING:
    from apps.dashboard.presenters.parts import StateKind
    from apps.dashboard.queries.first_run import FirstRun


@dataclass(frozen=True, slots=True)
class Task:
    label: str
    note: str
    is_done: bool
    href: str = ""

    @property
    def state(self) -> StateKind:
        return "done" if self.is_done else "waiting"


def list_tasks(found: FirstRun) -> tuple[Task, ...]:
    """In the order in which they are best done; what only others may do is left out."""
    tasks = (
        Task(
            "API key",
            "for the applications",
            found.has_key,
            address(found.may_see_keys, "api-key-list"),
        ),
        Task(
            "First memory",
            "from an application, or in the playground",
            found.has_memories,
            address(found.may_change, "playground"),
        ),
        Task(
            "Second factor",
            "an app or a passkey, beside your password",
            found.has_factor,
            address(True, "account"),
        ),
        Task(
            "Particulars",
            "what people are told who ask for their data",
            found.has_particulars,
            address(found.may_see_requests, "request-settings"),
        ),
        Task(
            "Telemetry notice",
            "what would be sent, and the switch",
            found.has_seen_notice,
            address(found.is_instance_owner, "telemetry"),
        ),
    )
    return tuple(task for task in tasks if task.href)


def address(is_allowed: bool, name: str) -> str:  # noqa: FBT001
    return reverse(f"dashboard:{name}") if is_allowed else ""
