"""Signing in and out through the real forms: what the instance's trail says afterwards."""

import pytest
from django.test import Client

from apps.audit.models import AuditDetail, AuditEvent
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from tests.support.kernel import dump_rows, find_plain

EMAIL = "ines.moreau@halden.example"
ADDRESS = "203.0.113.77"


@pytest.fixture(autouse=True)
def no_tries_counted():
    """Other tests' tries would lock this e-mail."""
    from django.core.cache import cache  # in the module pytest would look at it too early

    cache.clear()


@pytest.fixture
def client():
    return Client(REMOTE_ADDR=ADDRESS)


def sign_in(client, password, email=EMAIL):
    return client.post("/accounts/login/", {"login": email, "password": password})


def list_events():
    """The last events, without what making the operator left."""
    names = ("login", "login.failed", "logout", "password.change")
    with tenant_scope(INSTANCE_TENANT_ID):
        events = list(AuditEvent.objects.filter(action__in=names).order_by("id"))
        details = {row.id: row.details for row in AuditDetail.objects.all()}
        return [
            (event.action, event.outcome, event.actor_id, event.target_id, details[event.id])
            for event in events
        ]


def test_sign_in_and_out(client, make_operator, password):
    operator = make_operator()

    assert sign_in(client, password).status_code == 302
    client.post("/accounts/logout/")

    assert list_events() == [
        ("login", "done", operator.id, operator.id, {"ip": ADDRESS}),
        ("logout", "done", operator.id, operator.id, {"ip": ADDRESS}),
    ]


def test_wrong_password_names_the_operator_as_target_only(client, make_operator):
    operator = make_operator()

    assert sign_in(client, "wrong", EMAIL.upper()).status_code == 200

    details = {"ip": ADDRESS, "email": EMAIL}
    assert list_events() == [("login.failed", "failed", None, operator.id, details)]


def test_unknown_email_has_no_target(client, db):
    sign_in(client, "wrong", "nobody@halden.example")

    details = {"ip": ADDRESS, "email": "nobody@halden.example"}
    assert list_events() == [("login.failed", "failed", None, None, details)]


def test_changed_password(client, make_operator, password):
    operator = make_operator()
    sign_in(client, password)
    new = "another long pass phrase"

    answer = client.post(
        "/accounts/password/change/", {"oldpassword": password, "password1": new, "password2": new}
    )

    assert answer.status_code == 302
    assert list_events()[-1] == (
        "password.change",
        "done",
        operator.id,
        operator.id,
        {"ip": ADDRESS},
    )


def test_sign_in_without_its_event_does_not_happen(client, make_operator, password, monkeypatch):
    make_operator()

    def fail(rows):
        raise RuntimeError("the event can't be written")

    monkeypatch.setattr("apps.audit.domain.events._insert_events", fail)
    with pytest.raises(RuntimeError):
        sign_in(client, password)
    monkeypatch.undo()

    assert client.get("/dashboard/").status_code == 302


def test_nothing_personal_is_readable(client, make_operator, password):
    make_operator()
    sign_in(client, "a-wrong-one", "nobody@halden.example")
    sign_in(client, password)

    dump = dump_rows(INSTANCE_TENANT_ID)
    trail = {name: dump[name] for name in ("audit.AuditEvent", "audit.AuditDetail")}
    assert len(trail["audit.AuditDetail"]) == 2
    for word in (ADDRESS, "nobody@halden.example", EMAIL, password, "a-wrong-one"):
        assert find_plain(trail, word) == set(), word
