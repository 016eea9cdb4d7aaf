"""Is telemetry on, and which switch decided?"""

from dataclasses import dataclass

from django.conf import settings

from apps.telemetry.models import TelemetryState

OPERATOR = "operator"
NOBODY = "nobody"
PROJECT_KEY = "POSTHOG_PROJECT_KEY"


@dataclass(frozen=True, slots=True)
class Decision:
    """`by` is the variable that decided, `operator`, or `nobody` before anybody has."""

    enabled: bool
    by: str


def decide(state: TelemetryState) -> Decision:
    """The strongest switch that is off decides; only where none is, telemetry is on."""
    if name := find_forbidding_variable():
        return Decision(enabled=False, by=name)
    if not state.is_on:
        return Decision(enabled=False, by=OPERATOR if state.decided_at else NOBODY)
    if not settings.POSTHOG_PROJECT_KEY:
        return Decision(enabled=False, by=PROJECT_KEY)
    return Decision(enabled=True, by=OPERATOR)


def is_recording(state: TelemetryState) -> bool:
    """On, and not about to leave: then one last report is all that still goes out."""
    return decide(state).enabled and not state.is_leaving


def may_be_on() -> bool:
    """False where the environment alone keeps telemetry off: no row need be read then."""
    return bool(settings.POSTHOG_PROJECT_KEY) and not find_forbidding_variable()


def find_forbidding_variable() -> str:
    switches: dict[str, bool | None] = settings.TELEMETRY_SWITCHES
    return next((name for name, value in switches.items() if value is False), "")
