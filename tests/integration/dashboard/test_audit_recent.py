"""Personal details and the export of a trail ask for a recent sign-in."""

import uuid

import pytest

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope


@pytest.fixture
def stale(make_operator, sign_in):
    return sign_in(make_operator(), is_recent=False)


@pytest.fixture
def event_id(tenant):
    with tenant_scope(tenant.id):
        return record(Action.LOGOUT, by=SYSTEM, details={"ip": "192.0.2.7"}).id


def count(tenant, action):
    with tenant_scope(tenant.id):
        return AuditEvent.objects.filter(action=action).count()


def test_details_ask_for_a_recent_sign_in(stale, tenant, event_id):
    answer = stale.post(f"/dashboard/audit/{event_id}/reveal/")

    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert count(tenant, Action.AUDIT_READ) == 0


def test_reading_details_is_an_event(browser, tenant, event_id):
    answer = browser.post(f"/dashboard/audit/{event_id}/reveal/")

    assert b"192.0.2.7" in answer.content
    assert count(tenant, Action.AUDIT_READ) == 1


def test_unknown_event_is_not_found_before_a_sign_in(stale):
    assert stale.post(f"/dashboard/audit/{uuid.uuid4()}/reveal/").status_code == 404


def test_export_asks_for_a_recent_sign_in(stale, tenant):
    answer = stale.post("/dashboard/audit/export/")

    assert answer.headers["Location"].startswith("/accounts/reauthenticate/")
    assert count(tenant, Action.AUDIT_EXPORT) == 0


def test_one_comes_back_to_the_trail(browser):
    assert browser.get("/dashboard/audit/export/").headers["Location"] == "/dashboard/audit/"
