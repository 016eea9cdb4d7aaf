"""Whether usage reports are sent, by an API key with the scope `admin`."""

import pytest
from django.utils import timezone

from apps.common.ids import uuid7
from apps.telemetry.models import TelemetryState
from apps.tenants.enums import ApiScope
from tests.integration.conftest import Api

PATH = "/api/v1/telemetry/"


@pytest.fixture
def admin(make_key):
    return Api(make_key(scopes=[ApiScope.ADMIN]))


def test_before_anybody_has_decided(admin, settings):
    settings.TELEMETRY_SWITCHES = {}

    assert admin.get(PATH).json() == {
        "enabled": False,
        "decided_by": "nobody",
        "decided_at": None,
        "waiting": 0,
        "sent": 0,
    }


def test_environment_decides(admin, settings):
    settings.TELEMETRY_SWITCHES = {"DO_NOT_TRACK": False}

    assert admin.get(PATH).json()["decided_by"] == "DO_NOT_TRACK"


def test_install_id_and_operator_are_not_told(admin, settings):
    settings.TELEMETRY_SWITCHES, settings.POSTHOG_PROJECT_KEY = {}, "phc_test"
    state = TelemetryState.objects.create(
        is_on=True,
        notice_seen_at=timezone.now(),
        decided_at=timezone.now(),
        decided_by_id=uuid7(),
        install_id=uuid7(),
    )

    answer = admin.get(PATH)

    assert (answer.json()["enabled"], answer.json()["decided_by"]) == (True, "operator")
    assert str(state.install_id) not in answer.content.decode()
    assert str(state.decided_by_id) not in answer.content.decode()


def test_key_needs_the_scope(api):
    assert api.get(PATH).status_code == 403
