"""Shows what telemetry would send and has sent, and turns it on and off."""

import json
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from apps.common.actor import SYSTEM
from apps.common.commands import Result, ScriptCommand
from apps.operations.domain.telemetry import turn_on
from apps.operations.previews import preview_all
from apps.operations.transparency import describe_report, describe_state
from apps.telemetry.documents import list_notice, write_catalogue
from apps.telemetry.domain import consent
from apps.telemetry.domain.sending import send_due
from apps.telemetry.enums import Outcome
from apps.telemetry.models import SentReport
from apps.telemetry.queries import count_reports, list_outbox, list_reports, read_state
from apps.telemetry.switches import NOBODY, OPERATOR, PROJECT_KEY, decide
from apps.telemetry.verifying import find_problems

REASONS = {
    OPERATOR: "an operator decided so",
    NOBODY: "nobody has turned it on",
    PROJECT_KEY: f"{PROJECT_KEY} is not set",
}


class Command(ScriptCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("action", choices=list(ACTIONS))

    def answer(self, options: dict[str, Any]) -> Result:
        return ACTIONS[options["action"]]()


def show_status() -> Result:
    document, waiting = describe_state(), len(list_outbox())
    lines = [
        say_state(),
        f"Sends to: {settings.POSTHOG_HOST}",
        f"Project key: {name_key()}",
        f"Install id: {document['install_id'] or 'none; it is made at the first send'}",
        f"Reports that wait: {waiting}; in the log: {count_reports()}",
    ]
    return Result("\n".join(lines), document)


def show_preview() -> Result:
    bodies = preview_all(read_state())
    texts = [f"# {name}\n{json.dumps(body, indent=2)}" for name, body in bodies.items()]
    return Result("\n".join(texts), bodies)


def switch_on() -> Result:
    consent.mark_notice_seen()
    turn_on(by=SYSTEM)
    text = "\n".join([*list_notice(), say_state()])
    return Result(text, describe_state())


def switch_off() -> Result:
    consent.turn_off(by=SYSTEM)
    return Result(say_state(), describe_state())


def flush() -> Result:
    reports = send_due()
    lines = [describe(report) for report in reports] or [say_nothing_sent()]
    return Result(
        "\n".join(lines),
        [describe_report(report) for report in reports],
        failure=find_failure(reports),
    )


def find_failure(reports: list[SentReport]) -> str:
    """Only the last can have failed: sending stops there."""
    if not reports or reports[-1].outcome == Outcome.DELIVERED:
        return ""
    return f"The reports did not arrive: {reports[-1].status}."


def show_log() -> Result:
    reports = list_reports()[::-1]
    lines = [f"{describe(report)}\n{bytes(report.body).decode()}" for report in reports]
    text = "\n".join(lines) or "Nothing was sent."
    return Result(text, [describe_report(report) for report in reports])


def verify() -> Result:
    problems, count = find_problems(), count_reports()
    return Result(
        "" if problems else f"{count} reports are whole, and all in the catalogue.",
        {"reports": count, "problems": problems},
        failure="\n".join(problems),
    )


def show_catalogue() -> Result:
    return Result(write_catalogue().rstrip("\n"))


def say_state() -> str:
    decision = decide(read_state())
    word = "on" if decision.enabled else "off"
    return f"Telemetry is {word}: {REASONS.get(decision.by, f'{decision.by} is set so')}."


def say_nothing_sent() -> str:
    if not decide(read_state()).enabled:
        return say_state()
    waiting = list_outbox()
    until = f"; {len(waiting)} wait until {waiting[0].due_at:%H:%M:%S} UTC" if waiting else ""
    return f"Nothing is due{until}."


def name_key() -> str:
    source = settings.POSTHOG_PROJECT_KEY_SOURCE
    return f"set, from {source}" if source else "not set"


def describe(report: SentReport) -> str:
    names, size = ", ".join(report.events), len(report.body)
    what = f"{names}, {size} bytes: {report.status}, {report.get_outcome_display().lower()}"
    return f"{report.sent_at:%Y-%m-%d %H:%M:%S} {what}, SHA-256 {report.sha256}"


ACTIONS = {
    "status": show_status,
    "preview": show_preview,
    "on": switch_on,
    "off": switch_off,
    "flush": flush,
    "log": show_log,
    "verify": verify,
    "catalogue": show_catalogue,
}
