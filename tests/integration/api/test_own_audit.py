"""The audit trail over the API: events by filter and page, checkpoints, state."""

import json
from uuid import UUID

import pytest
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.audit.domain.checks import continue_check, start_check
from apps.audit.domain.signing import read_public_keys
from apps.audit.models import AuditCheck, AuditCheckpoint, AuditEvent, AuditSeal
from apps.common.actor import SYSTEM
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.tenants.enums import ApiScope
from tests.integration.conftest import Api
from tests.support.trails import Trail

EVENTS, CHECKPOINTS, STATE = (
    f"/api/v1/audit/{name}/" for name in ("events", "checkpoints", "state")
)


@pytest.fixture
def admin(make_key):
    return Api(make_key(scopes=[ApiScope.ADMIN]))


@pytest.fixture
def trail(tenant, admin):
    return Trail.of(tenant)


def ids(answer):
    assert answer.status_code == 200, answer.content
    return [UUID(row["id"]) for row in answer.json()["results"]]


def test_events_are_listed_newest_first(admin, trail, tenant):
    target = uuid7()
    with tenant_scope(tenant.id):
        event = record(
            Action.MEMORY_READ, by=SYSTEM, target_id=target, count=3, details={"ip": "203.0.113.77"}
        )

    answer = admin.get(EVENTS)

    newest, *others = answer.json()["results"]
    assert newest == {
        "id": str(event.id),
        "occurred_at": newest["occurred_at"],
        "action": "memory.read",
        "outcome": "done",
        "actor_kind": "system",
        "actor_id": None,
        "target_id": str(target),
        "request_id": None,
        "facts": {"count": 3},
        "sequence": None,
    }
    assert [row["action"] for row in others] == ["apikey.create", "tenant.create"]
    assert answer.json()["next"] is None
    assert "203.0.113.77" not in answer.content.decode()


def test_sealed_events_have_their_sequence(admin, trail):
    trail.fill()

    places = [row["sequence"] for row in admin.get(EVENTS).json()["results"]]

    with tenant_scope(trail.tenant.id):
        count = AuditSeal.objects.count()
    assert places == list(range(count, 0, -1))


def test_pages_by_the_last_that_was_shown(admin, trail):
    trail.write(4)
    with tenant_scope(trail.tenant.id):
        expected = list(AuditEvent.objects.order_by("-id").values_list("id", flat=True))

    path, found, pages = f"{EVENTS}?page_size=2&outcome=done", [], 0
    while path:
        answer = admin.get(path)
        found += ids(answer)
        pages += 1
        path = (answer.json()["next"] or "").removeprefix("http://testserver")

    assert (found, pages) == (expected, 3)


def test_filters(admin, trail, tenant):
    with tenant_scope(tenant.id):
        read = record(Action.MEMORY_READ, by=SYSTEM, target_id=uuid7(), count=1)
    now = timezone.now().isoformat().replace("+", "%2B")

    assert ids(admin.get(f"{EVENTS}?action=memory.read")) == [read.id]
    assert ids(admin.get(f"{EVENTS}?target_id={read.target_id}")) == [read.id]
    assert ids(admin.get(f"{EVENTS}?actor_id={uuid7()}")) == []
    assert ids(admin.get(f"{EVENTS}?outcome=failed")) == []
    assert ids(admin.get(f"{EVENTS}?actor_kind=api_key")) == []
    assert len(ids(admin.get(f"{EVENTS}?actor_kind=system"))) == 3
    assert ids(admin.get(f"{EVENTS}?since=2999-01-01T00:00:00Z")) == []
    assert len(ids(admin.get(f"{EVENTS}?until={now}"))) == 3
    assert ids(admin.get(f"{EVENTS}?until=2020-01-01")) == []


@pytest.mark.parametrize("count", [1, 3])
def test_number_of_queries_stays(admin, trail, count, django_assert_num_queries):
    trail.write(count)
    trail.seal()
    admin.get(EVENTS)

    for path, statements in ((EVENTS, 7), (CHECKPOINTS, 6), (STATE, 10)):
        with django_assert_num_queries(statements):  # the key, the scope, and what is asked
            assert admin.get(path).status_code == 200


def test_checkpoints_are_as_they_were_signed(admin, trail):
    trail.fill()

    answer = admin.get(f"{CHECKPOINTS}?page_size=2").json()

    with tenant_scope(trail.tenant.id):
        last = AuditCheckpoint.objects.order_by("-number").first()
    assert [row["number"] for row in answer["results"]] == [last.number, last.number - 1]
    newest, before = answer["results"]
    assert (newest["first"], newest["last"]) == (last.first, last.last)
    assert (newest["signature"], newest["root"]) == (
        bytes(last.signature).hex(),
        bytes(last.root).hex(),
    )
    assert newest["previous"] == before["hash"]
    rest = admin.get(answer["next"].removeprefix("http://testserver")).json()
    assert [row["number"] for row in rest["results"]] == list(range(last.number - 2, 0, -1))
    assert rest["next"] is None


def test_state_before_and_after_a_verification(admin, trail, tenant):
    before = admin.get(STATE).json()
    assert before == {
        "last_checkpoint": None,
        "unsealed": 2,
        "verification": None,
        "running": None,
        "anchors": [],
    }
    trail.fill()

    verify(tenant)
    sound = admin.get(STATE).json()
    find_edited(tenant)
    broken = admin.get(STATE).json()

    assert (sound["verification"]["sound"], sound["verification"]["problems"]) == (True, [])
    assert sound["verification"]["events"] == sound["last_checkpoint"]["last"]
    assert broken["verification"]["sound"] is False
    assert broken["verification"]["problems"] == [{"sequence": 2, "kind": "edited"}]


def verify(tenant):
    with tenant_scope(tenant.id):
        check = start_check(by=SYSTEM)
    continue_check(
        tenant_id=tenant.id,
        check_id=check.id,
        keys=read_public_keys(),
        anchors={},
        goes_on=lambda: True,
    )


def find_edited(tenant):
    """As a verification writes that found an event edited."""
    with tenant_scope(tenant.id):
        check = AuditCheck.objects.get()
        check.state["problems"] = [{"sequence": 2, "kind": "edited"}]
        check.save()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("action=memory.forget", "action"),
        ("outcome=perhaps", "outcome"),
        ("actor_kind=person", "actor_kind"),
        ("actor_id=ada", "actor_id"),
        ("target_id=1", "target_id"),
        ("since=yesterday", "since"),
        ("until=x", "until"),
        ("before=x", "before"),
        ("page_size=0", "page_size"),
        ("actor=ada", "actor"),
        ("action=login&action=logout", "action"),
    ],
)
def test_wrong_query_is_named(admin, query, field):
    answer = admin.get(f"{EVENTS}?{query}")

    assert (answer.status_code, answer.json()["field"]) == (400, field)


@pytest.mark.parametrize("query", ["before=x", "page=2", "before=-1"])
def test_wrong_query_of_checkpoints_is_named(admin, query):
    answer = admin.get(f"{CHECKPOINTS}?{query}")

    assert (answer.status_code, answer.json()["field"]) == (400, query.partition("=")[0])


@pytest.mark.parametrize("path", [EVENTS, CHECKPOINTS, STATE])
def test_key_needs_the_scope(api, path):
    assert api.get(path).status_code == 403


def test_trail_of_another_tenant_is_not_shown(admin, trail, make_key, other_tenant):
    trail.fill()
    theirs = Api(make_key(tenant=other_tenant, scopes=[ApiScope.ADMIN]))
    with tenant_scope(trail.tenant.id):
        ours = {str(one) for one in AuditEvent.objects.values_list("id", flat=True)}

    shown = json.dumps([theirs.get(path).json() for path in (EVENTS, CHECKPOINTS, STATE)])

    assert {one for one in ours if one in shown} == set()
    before = ids(theirs.get(f"{EVENTS}?before={max(ours)}"))
    assert {one for one in before if str(one) in ours} == set()
