"""How the instance is, as rows: what is late or failed stands first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings

from apps.dashboard.presenters import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from apps.dashboard.presenters.parts import StateKind
    from apps.operations.domain.vitals import Vitals, Waiting
    from apps.operations.estimates import Statement

ORDER: Sequence[StateKind] = (
    "failed",
    "due",
    "off",
    "waiting",
    "running",
    "outside",
    "held",
    "done",
)
LATE_SCRUB = timedelta(days=2)  # it runs every night
PARTS = {
    "migrations": ("Migrations", "some are missing", "manage.py migrate"),
    "isolation": (
        "Row-level security",
        "a table or a role is not as it must be",
        "manage.py isolation_prove",
    ),
    "keys": ("Master key", "it does not open the tenants' keys", ""),
    "restore": (
        "Restore",
        "what was erased since the backup is not erased again",
        "manage.py replay_erasures",
    ),
}


@dataclass(frozen=True, slots=True)
class HealthRow:
    label: str
    state: StateKind
    words: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    looked_at: datetime
    rows: tuple[HealthRow, ...]
    slowest: tuple[Statement, ...] | None

    @property
    def wrong(self) -> int:
        return sum(row.state in {"failed", "due"} for row in self.rows)

    @property
    def heading(self) -> str:
        count = self.wrong
        return "1 part needs you." if count == 1 else f"{count} parts need you."


def describe(vitals: Vitals, *, now: datetime) -> Health:
    rows = [
        *part_rows(vitals),
        *broker_rows(vitals),
        *database_rows(vitals),
        jobs_row(vitals.jobs),
        scrub_row(vitals.scrub, vitals.scrubbed_at, now),
        backup_row(vitals.backed_up_at, now),
    ]
    rows.sort(key=lambda row: ORDER.index(row.state))
    return Health(now, tuple(rows), vitals.database.slowest)


def part_rows(vitals: Vitals) -> list[HealthRow]:
    return [
        HealthRow(label, "failed", words, command)
        if name in vitals.failed
        else HealthRow(label, "done", "in order", command)
        for name, (label, words, command) in PARTS.items()
    ]


def broker_rows(vitals: Vitals) -> list[HealthRow]:
    broker = vitals.broker
    if not broker.is_up:
        unknown = "not known while the queue does not answer"
        return [
            HealthRow(
                "Queue",
                "failed",
                "does not answer: check CELERY_BROKER_URL. Jobs wait, none is lost",
            ),
            HealthRow("Workers", "off", unknown),
        ]
    workers = text.counted(len(broker.workers), "worker")
    names = f"{workers}: {', '.join(broker.workers)}"
    return [
        HealthRow("Queue", "done", f"{text.counted(broker.queued, 'message')} waiting"),
        HealthRow("Workers", "done", names)
        if broker.workers
        else HealthRow("Workers", "failed", "none answered within a second"),
    ]


def database_rows(vitals: Vitals) -> list[HealthRow]:
    database = vitals.database
    size = " ".join(text.size(database.bytes))
    broken = database.broken_indexes
    return [
        HealthRow("Database", "done", f"PostgreSQL {database.version}, {size}"),
        HealthRow("Indexes", "failed", f"not valid: {', '.join(broken)}", "REINDEX INDEX …")
        if broken
        else HealthRow("Indexes", "done", "all valid"),
    ]


def jobs_row(late: Waiting) -> HealthRow:
    if not late.count:
        return HealthRow("Jobs", "done", "none is late")
    return HealthRow("Jobs", "due", f"{text.counted(late.count, 'job')} late{since(late)}")


def scrub_row(waiting: Waiting, at: datetime | None, now: datetime) -> HealthRow:
    """An erasure's freed space is overwritten by the next scrub, every night."""
    command, last = "manage.py scrub", f"the last ended {text.long(at)}" if at else "none was made"
    if not waiting.count:
        return HealthRow("Scrub", "done", f"no erasure waits for it, {last}", command)
    words = f"{text.counted(waiting.count, 'erasure')} to overwrite{since(waiting)}; {last}"
    is_late = waiting.since is not None and now - waiting.since > LATE_SCRUB
    return HealthRow("Scrub", "due" if is_late else "waiting", words, command)


def backup_row(at: datetime | None, now: datetime) -> HealthRow:
    """Late is one by which no file of keys can be kept any more."""
    command = "manage.py backup DIR"
    if at is None:
        return HealthRow("Backup", "due", "none was ever made", command)
    words = f"the last was begun {text.long(at)}"
    is_late = now - at > timedelta(days=settings.KEY_BACKUP_DAYS)
    return HealthRow("Backup", "due" if is_late else "done", words, command)


def since(waiting: Waiting) -> str:
    return f", the oldest since {text.long(waiting.since)}" if waiting.since else ""
