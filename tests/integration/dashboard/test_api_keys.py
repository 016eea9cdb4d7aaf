"""/dashboard/keys/, its create and its revoke"""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.tenants.domain.api_keys import authenticate_key, create_api_key, revoke_api_key
from apps.tenants.enums import Role
from apps.tenants.models import ApiKey
from tests.support.sign_ins import prove_sign_in

ROOM, CREATE = "/dashboard/keys/", "/dashboard/keys/create/"
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
FORM = {"name": "booking-app", "scopes": ["read", "write"], "expires_at": ""}
KEY = re.compile(r"mhk_[0-9A-Za-z]{12}_[0-9A-Za-z]{49}")


@pytest.fixture
def owner(make_operator):
    return make_operator()


@pytest.fixture
def browser(owner, sign_in):
    return sign_in(owner)


@pytest.fixture
def make(tenant):
    def make(name="booking-app", **fields):
        return create_api_key(**{"tenant": tenant, "name": name, "by": SYSTEM} | fields)[0]

    return make


def list_events(tenant):
    with tenant_scope(tenant.id):
        events = AuditEvent.objects.filter(action__startswith="apikey.").order_by("id")
        return list(events.values_list("action", "actor_id", "target_id", "facts"))


def revoke(key):
    return f"/dashboard/keys/{key.id}/revoke/"


def test_empty_room_says_what_to_do(browser):
    page = browser.get(ROOM).content.decode()

    assert "Applications need one to store and recall." in page
    assert f'href="{CREATE}"' in page


def test_room_shows_each_state(browser, make):
    with time_machine.travel(NOW - timedelta(days=2), tick=False):
        make("fresh")
        soon = make("soon", expires_at=NOW + timedelta(days=2, hours=1))
        make("expired", expires_at=NOW - timedelta(days=1))
        used = make("used")
        revoke_api_key(key=make("revoked"), by=SYSTEM)
    ApiKey.objects.filter(id=used.id).update(last_used_at=NOW)

    with time_machine.travel(NOW, tick=False):
        prove_sign_in(browser, used)
        room = browser.get(ROOM).context["room"]

    assert [(row.name, row.state, row.word) for row in room.live] == [
        ("used", "done", "in use"),
        ("soon", "due", "expires in 3 days"),
        ("fresh", "waiting", "not used yet"),
    ]
    assert [(row.name, row.word) for row in room.ended] == [
        ("revoked", "revoked"),
        ("expired", "expired"),
    ]
    assert room.live[1].mask == f"mhk_{soon.lookup_id}_…{soon.last_four}"
    assert room.note == "3 keys"


@pytest.mark.parametrize("count", [1, 3])
def test_room_costs_the_same_with_more_keys(browser, make, count, django_assert_num_queries):
    for number in range(count):
        make(f"key {number}")

    with django_assert_num_queries(10):
        browser.get(ROOM)


def test_another_tenants_keys_are_not_there(browser, other_tenant):
    theirs, _ = create_api_key(tenant=other_tenant, name="their secret app", by=SYSTEM)

    assert "their secret app" not in browser.get(ROOM).content.decode()
    assert browser.post(revoke(theirs)).status_code == 404
    assert ApiKey.objects.get(id=theirs.id).revoked_at is None


def test_created_key_is_shown_once_and_works(browser, owner, tenant):
    answer = browser.post(CREATE, FORM | {"expires_at": "2090-01-31"})

    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-store"
    [text] = set(KEY.findall(answer.content.decode()))
    key = authenticate_key(text)
    assert (key.tenant, key.name, key.scopes) == (tenant, "booking-app", ["read", "write"])
    assert key.expires_at == datetime(2090, 1, 31, tzinfo=UTC)
    assert KEY.findall(browser.get(ROOM).content.decode()) == []
    facts = {"scopes": ["read", "write"]}
    assert list_events(tenant) == [("apikey.create", owner.id, key.id, facts)]


@pytest.mark.parametrize(
    ("wrong", "field", "words"),
    [
        ({"name": " "}, "name", "Give the key a name of 1 to 80 characters"),
        ({"name": "n" * 81}, "name", "Give the key a name of 1 to 80 characters"),
        ({"scopes": []}, "scopes", "Choose at least one scope"),
        ({"expires_at": "2020-01-01"}, "expires_at", "A key must expire in the future"),
        ({"expires_at": "soon"}, "expires_at", "Choose a day such as 2027-11-21"),
    ],
)
def test_wrong_input_is_said_at_its_field(browser, tenant, wrong, field, words):
    answer = browser.post(CREATE, FORM | wrong)

    assert dict(answer.context["form"].errors) == {field: [words]}
    assert answer.content.decode().count(words) == 2
    assert list_events(tenant) == []


@pytest.mark.parametrize("method", ["get", "post"])
def test_old_sign_in_is_asked_for_anew(owner, sign_in, tenant, method):
    browser = sign_in(owner, is_recent=False)
    prove_sign_in(browser, owner, at=time.time() - 15 * 60 - 1)

    answer = getattr(browser, method)(CREATE, FORM)

    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/reauthenticate/?next=/dashboard/keys/create/")
    assert list_events(tenant) == []


def test_confirming_leads_back_and_is_recent(owner, sign_in, password):
    browser = sign_in(owner, is_recent=False)

    asked = browser.get(CREATE)
    answer = browser.post(asked.url, {"password": password, "next": CREATE})

    assert (answer.status_code, answer.url) == (302, CREATE)
    assert browser.get(CREATE).status_code == 200


def test_recent_sign_in_of_another_operator_counts_nothing(owner, sign_in, make_operator):
    browser = sign_in(owner, is_recent=False)
    prove_sign_in(browser, make_operator("other@halden.example"))

    assert browser.get(CREATE).status_code == 302


def test_revoked_key_is_refused_at_once(browser, owner, tenant):
    key, text = create_api_key(tenant=tenant, name="booking-app", by=SYSTEM)

    assert "Revoke the key booking-app?" in browser.get(revoke(key)).content.decode()
    assert authenticate_key(text) is not None
    answer = browser.post(revoke(key), follow=True)

    assert authenticate_key(text) is None
    assert "Key booking-app revoked" in answer.content.decode()
    assert list_events(tenant)[-1] == ("apikey.revoke", owner.id, key.id, {})


@pytest.mark.parametrize(
    ("role", "sees", "may"),
    [
        (Role.OWNER, 200, 200),
        (Role.PRIVACY_OFFICER, 200, 403),
        (Role.EDITOR, 403, 403),
        (Role.VIEWER, 403, 403),
    ],
)
def test_roles(make_operator, sign_in, make, role, sees, may):
    key = make()
    browser = sign_in(make_operator(role=role))

    assert browser.get(ROOM).status_code == sees
    assert browser.get(CREATE).status_code == may
    assert browser.get(revoke(key)).status_code == may
    if sees == 200:
        assert ("Revoke…" in browser.get(ROOM).content.decode()) is (may == 200)
