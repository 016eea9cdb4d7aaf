"""Fixtures of telemetry's tests: a PostHog on loopback, and settings that would send to it."""

import pytest

from apps.telemetry.models import (
    OutboundHost,
    OutboxEvent,
    SentReport,
    Tally,
    TelemetryState,
)
from apps.telemetry.switches import decide
from tests.support.capture import capturing

PROJECT_KEY = "phc_test"
SWITCHES = ("DO_NOT_TRACK", "MEMORYHUB_TELEMETRY", "MEM0_TELEMETRY", "MEM0_TELEMETRY_ENABLED")


@pytest.fixture
def capture():
    with capturing() as server:
        yield server


@pytest.fixture
def configured(settings, capture):
    """Nothing in the environment keeps telemetry off; the operator's switch alone decides."""
    settings.POSTHOG_PROJECT_KEY = PROJECT_KEY
    settings.POSTHOG_PROJECT_KEY_SOURCE = "POSTHOG_PROJECT_KEY"
    settings.POSTHOG_HOST = capture.url
    settings.TELEMETRY_SWITCHES = dict.fromkeys(SWITCHES)
    return settings


@pytest.fixture
def turned_on(db, configured):
    """On, as an operator's decision leaves it; nothing is recorded yet."""
    return switch_on()


def switch_on(**fields):
    from django.utils import timezone

    now = timezone.now()
    given = {"is_on": True, "notice_seen_at": now, "decided_at": now} | fields
    return TelemetryState.objects.update_or_create(id=1, defaults=given)[0]


def read_enabled():
    return decide(TelemetryState.objects.get()).enabled


def forget_telemetry():
    for model in (OutboxEvent, SentReport, Tally, OutboundHost, TelemetryState):
        model.objects.all().delete()
