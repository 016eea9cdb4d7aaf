"""The one row of telemetry's state."""

from apps.telemetry.models import TelemetryState


def lock_state() -> TelemetryState:
    """The state, held until the commit: who turns off waits for who records, and the other way.

    Call inside a transaction.
    """
    state, _ = TelemetryState.objects.select_for_update().get_or_create(id=1)
    return state
