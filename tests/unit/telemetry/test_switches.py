"""Which switch decides."""

import pytest
from django.utils import timezone

from apps.telemetry.models import TelemetryState
from apps.telemetry.switches import decide, may_be_on
from tests.support.telemetry import SWITCHES

NOW = timezone.now()
ON = TelemetryState(is_on=True, decided_at=NOW, notice_seen_at=NOW)
OFF = TelemetryState(is_on=False, decided_at=NOW)
UNDECIDED = TelemetryState()


def decided(state):
    decision = decide(state)
    return decision.enabled, decision.by


def test_operator_decides_where_nothing_is_stronger(configured):
    assert decided(ON) == (True, "operator")
    assert decided(OFF) == (False, "operator")
    assert decided(UNDECIDED) == (False, "nobody")
    assert may_be_on()


@pytest.mark.parametrize("name", SWITCHES)
def test_variable_that_is_off_decides(configured, name):
    configured.TELEMETRY_SWITCHES |= {name: False}

    assert decided(ON) == decided(OFF) == decided(UNDECIDED) == (False, name)
    assert not may_be_on()


def test_strongest_decides(configured):
    for name in reversed(SWITCHES):
        configured.TELEMETRY_SWITCHES |= {name: False}
        assert decided(ON) == (False, name)


@pytest.mark.parametrize("name", SWITCHES[1:])
def test_variable_that_is_on_turns_nothing_on(configured, name):
    configured.TELEMETRY_SWITCHES |= {name: True}

    assert decided(UNDECIDED) == (False, "nobody")
    assert decided(OFF) == (False, "operator")
    assert decided(ON) == (True, "operator")


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_project_key_it_is_off(configured, key):
    configured.POSTHOG_PROJECT_KEY = key

    assert decided(ON) == (False, "POSTHOG_PROJECT_KEY")
    assert decided(OFF) == (False, "operator")
    assert decided(UNDECIDED) == (False, "nobody")
    assert not may_be_on()
