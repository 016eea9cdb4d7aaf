"""What was sent, as rows and byte for byte."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.urls import reverse

from apps.telemetry.enums import Outcome

if TYPE_CHECKING:
    from datetime import datetime

    from apps.dashboard.presenters.parts import StateKind
    from apps.telemetry.models import SentReport

STATES: dict[str, StateKind] = {
    Outcome.DELIVERED: "done",
    Outcome.RETRIED: "due",
    Outcome.DROPPED: "failed",
    Outcome.SENDING: "running",
}
WORDS: dict[str, str] = {
    Outcome.DELIVERED: "delivered",
    Outcome.RETRIED: "will be tried again",
    Outcome.DROPPED: "dropped",
    Outcome.SENDING: "under way, or cut off",
}
SHOWN_DIGITS = 20


@dataclass(frozen=True, slots=True)
class ReportRow:
    href: str
    sent_at: datetime
    events: str
    count: int
    state: StateKind
    result: str
    size: int
    sha256: str

    @property
    def short_hash(self) -> str:
        return f"{self.sha256[:SHOWN_DIGITS]}…"


@dataclass(frozen=True, slots=True)
class ReportView:
    row: ReportRow
    body: str
    body_href: str


def report_row(report: SentReport) -> ReportRow:
    return ReportRow(
        href=reverse("dashboard:telemetry-report", args=[report.id]),
        sent_at=report.sent_at,
        events=", ".join(report.events),
        count=len(report.events),
        state=STATES[report.outcome],
        result=say_result(report),
        size=len(report.body),
        sha256=report.sha256,
    )


def report_view(report: SentReport) -> ReportView:
    return ReportView(
        row=report_row(report),
        body=bytes(report.body).decode(errors="replace"),
        body_href=reverse("dashboard:telemetry-body", args=[report.id]),
    )


def say_result(report: SentReport) -> str:
    """`200, delivered at try 3`; `no answer, will be tried again`."""
    parts = [str(report.http_status or report.get_failure_display().lower())]
    parts.append(WORDS[report.outcome])
    tries = f" at try {report.attempt}" if report.attempt > 1 else ""
    return ", ".join(filter(None, parts)) + tries
