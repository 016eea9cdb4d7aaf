"""Counts of what was used and what went wrong: kept by the day, reported when the day is over."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import groupby

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.telemetry.domain.state import lock_state
from apps.telemetry.enums import Feature
from apps.telemetry.models import OutboxEvent, Tally
from apps.telemetry.payload import make_event
from apps.telemetry.switches import is_recording

ERROR, FEATURE_USE = "error", "feature_use"


def add_counts(
    counts: Mapping[tuple[str, str], int], *, since: datetime | None = None
) -> datetime | None:
    """Add to the counts of today; answers when telemetry was turned on, or None while it is off.

    While it is off nothing is added. Nor is what was counted under another decision than that of
    `since`: in between it was off.
    """
    with transaction.atomic():
        state = lock_state()
        if not is_recording(state):
            return None
        if since in {None, state.decided_at}:
            _add(counts, timezone.now().date())
        return state.decided_at


def _add(counts: Mapping[tuple[str, str], int], day: date) -> None:
    for (event, subject), count in counts.items():
        row = {"day": day, "event": event, "subject": subject}
        if not Tally.objects.filter(**row).update(count=F("count") + count):
            Tally.objects.create(**row, count=count)


def report_finished_days(*, today: date) -> None:
    """Turn the counts of the days before today into reports, unless telemetry is off."""
    with transaction.atomic():
        if is_recording(lock_state()):
            tallies = Tally.objects.filter(day__lt=today)
            OutboxEvent.objects.bulk_create(make_count_events(tallies.order_by("day")))
            tallies.delete()


def make_count_events(tallies: Iterable[Tally]) -> list[OutboxEvent]:
    """The reports that these counts become: one of use a day, one a class of error and place."""
    events = []
    for day, rows in groupby(tallies, key=lambda tally: tally.day):
        of_day = list(rows)
        events += [make_error(tally) for tally in of_day if tally.event == ERROR]
        uses = {tally.subject: tally.count for tally in of_day if tally.event == FEATURE_USE}
        events += [make_feature_use(uses, day=day)] if uses else []
    return events


def make_feature_use(uses: Mapping[str, int], *, day: date) -> OutboxEvent:
    counts = dict.fromkeys(Feature.values, 0) | dict(uses)
    return make_event(FEATURE_USE, counts | _version(), day=day)


def make_error(tally: Tally) -> OutboxEvent:
    place, _, error = tally.subject.partition(" ")
    values = {"error": error or None, "place": place or None, "count": tally.count}
    return make_event(ERROR, values | _version(), day=tally.day)


def _version() -> dict[str, object]:
    return {"memoryhub_version": settings.VERSION}
