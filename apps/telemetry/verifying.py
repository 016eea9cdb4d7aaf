"""Is what the log says was sent whole, and nothing but what the catalogue allows?"""

import hashlib
import json
from collections.abc import Iterable

from apps.telemetry.models import SentReport
from apps.telemetry.nets import sanitise
from apps.telemetry.payload import find_flaws
from apps.telemetry.queries import list_outbox, list_reports, read_state
from apps.telemetry.switches import decide


def find_problems() -> list[str]:
    """A sentence for each; none where all is as it should be. Reads the whole log."""
    problems = [problem for report in list_reports() for problem in check_report(report)]
    if not decide(read_state()).enabled and (waiting := len(list_outbox())):
        problems.append(f"Telemetry is off, and {waiting} reports wait.")
    return problems


def check_report(report: SentReport) -> Iterable[str]:
    sent, body = f"Report of {report.sent_at:%Y-%m-%d %H:%M:%S}", bytes(report.body)
    if hashlib.sha256(body).hexdigest() != report.sha256:
        yield f"{sent}: the bytes are not those of the hash."
        return
    if not body:  # it failed before there were any
        return
    try:
        document = json.loads(body)
        flaws = find_flaws(document)
        is_clean = sanitise(document["batch"]) == document["batch"]
    except (ValueError, TypeError, LookupError, AttributeError):
        yield f"{sent}: the body has another form."
        return
    yield from (f"{sent}: {flaw} not in the catalogue." for flaw in flaws)
    if not is_clean:
        yield f"{sent}: a name that must not leave."
