"""The notice, and the catalogue as docs/telemetry.md holds it."""

from collections.abc import Iterable

from django.conf import settings

from apps.telemetry.catalogue import EVENTS, Event
from apps.telemetry.payload import NOTES

NOTICE = """
Telemetry tells the makers of MemoryHub that this installation exists, what it runs on, how large
it is in ranges such as 100-999, which features are used and which classes of errors come up.

It never holds memory text, an id of yours, a name, an e-mail address, a host name or the value of
a setting: only words of a public catalogue, ranges, versions, yes and no.

The reports of one installation carry one random id. Whoever receives them sees your network
address, as with every call.

Every report can be read before and after it is sent. Turning telemetry off stops everything at
once and deletes what waits.
"""


def list_notice() -> list[str]:
    """What has to be shown before anything is recorded, paragraph by paragraph."""
    paragraphs = [" ".join(part.split()) for part in NOTICE.split("\n\n")]
    return [*paragraphs, f"Reports go to {settings.POSTHOG_HOST}."]


def write_catalogue() -> str:
    """All that can be sent, as Markdown."""
    around = _write_table(("field", "what it is"), NOTES.items())
    events = [line for event in EVENTS.values() for line in _write_event(event)]
    return "\n".join(["### Around every report", "", *around, *events]) + "\n"


def _write_event(event: Event) -> list[str]:
    rows = [(name, field.meaning, field.kind.describe()) for name, field in event.fields.items()]
    table = _write_table(("field", "what it is", "values"), rows) if rows else ["No fields."]
    sentence = f"Made {event.occasion}. Tells {event.purpose}."
    return ["", f"### `{event.name}`", "", sentence, "", *table]


def _write_table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = [f"| `{name}` | {' | '.join(rest)} |" for name, *rest in rows]
    return [f"| {' | '.join(head)} |", "|---" * len(head) + "|", *lines]
