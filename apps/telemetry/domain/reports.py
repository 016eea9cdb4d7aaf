"""Taking reports in: typed, passed through both nets, and only while telemetry is on."""

from collections.abc import Mapping

from django.db import transaction

from apps.telemetry.domain.state import lock_state
from apps.telemetry.enums import Feature
from apps.telemetry.payload import make_event
from apps.telemetry.switches import is_recording, may_be_on
from apps.telemetry.uses import count_use


class AnonymousTelemetry:
    """The way in. Nothing that comes in names anybody; while telemetry is off, nothing is kept."""

    def capture_event(self, name: str, values: Mapping[str, object]) -> None:
        """Put a report about the installation into the outbox, due at once.

        Two statements, none where the environment keeps telemetry off. ValueError for a field that
        the catalogue does not have.
        """
        if not may_be_on():
            return
        with transaction.atomic():
            if is_recording(lock_state()):
                make_event(name, values).save(force_insert=True)

    def capture_client_event(self, feature: Feature) -> None:
        """Count one use by an application or an operator. In memory; the day's sum is reported."""
        count_use(feature)


telemetry = AnonymousTelemetry()
