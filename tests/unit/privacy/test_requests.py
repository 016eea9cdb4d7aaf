"""Opening requests: what counts as the same, what runs at once, what is sealed."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.common.errors import Conflict, Invalid
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.memories.queries.entities import find_entities
from apps.privacy.domain.requests import list_duplicates, open_request
from apps.privacy.domain.values import Correction
from apps.privacy.models import PrivacyDue, Request
from tests.support.kernel import add, dump_rows, find_plain
from tests.unit.privacy.subjects import KEY, OPERATOR, ask, handle, make_new, read


@pytest.fixture
def ada(tenant):
    add(tenant, "Ada drinks tea.")
    with tenant_scope(tenant.id):
        [entity] = find_entities([("user", "ada")]).values()
        return entity


def actions(tenant):
    with tenant_scope(tenant.id):
        events = AuditEvent.objects.filter(action__startswith="request.").order_by("id")
        return [(event.action, event.facts) for event in events]


def test_operators_request_waits_to_be_verified(tenant, ada):
    request = ask(tenant, reference="BK-77120", received_on=date(2026, 11, 11))

    found = read(tenant, request)
    assert (found.state, found.subject_id, found.subject_name) == ("received", ada.id, None)
    assert (found.due_on, found.opened_by) == (date(2026, 12, 11), OPERATOR.id)
    assert found.reference == "BK-77120"
    assert actions(tenant) == [("request.open", {"kind": "erasure", "via": "operator"})]
    assert PrivacyDue.objects.count() == 0


def test_applications_request_counts_as_verified_and_runs(tenant, ada):
    request = ask(tenant, via="api", by=KEY)

    assert read(tenant, request).state == "running"
    assert [action for action, _ in actions(tenant)] == [
        "request.open",
        "request.verify",
        "request.start",
    ]
    [item] = PrivacyDue.objects.all()
    assert (item.work, item.tenant_id, item.item_id) == ("run", tenant.id, request.id)


@pytest.mark.parametrize(
    ("setting", "kind", "state"),
    [
        ({"has_api_approval": True}, "access", "verified"),
        ({"has_api_approval": True}, "erasure", "verified"),
        ({"has_four_eyes": True}, "erasure", "verified"),
        ({"has_four_eyes": True}, "objection", "running"),
        ({}, "erasure", "running"),
    ],
)
def test_applications_request_waits_where_the_tenant_wants_to_approve(
    tenant, ada, setting, kind, state
):
    handle(tenant, **setting)

    assert ask(tenant, kind, via="api", by=KEY).state == state


@pytest.mark.parametrize("same", [{"reference": "R1"}, {"repeat_key": "K1"}])
def test_same_reference_or_key_is_the_same_request(tenant, ada, same):
    first, second = (
        open_request(tenant_id=tenant.id, new=make_new("access", **same), by=KEY) for _ in range(2)
    )

    assert (first[1], second[1]) == (True, False)
    assert first[0].id == second[0].id
    with tenant_scope(tenant.id):
        assert Request.objects.count() == 1


@pytest.mark.parametrize("same", [{"reference": "R1"}, {"repeat_key": "K1"}])
@pytest.mark.parametrize("other", [{"kind": "objection"}, {"name": "bob"}])
def test_same_reference_or_key_with_something_else_is_refused(tenant, ada, same, other):
    ask(tenant, "access", **same)

    with pytest.raises(Conflict):
        ask(tenant, **{"kind": "access", **same, **other})


def test_same_reference_in_two_tenants_is_two_requests(tenant, other_tenant):
    ask(tenant, reference="R1")
    ask(other_tenant, "objection", reference="R1")


def test_open_request_for_the_same_is_a_duplicate(tenant, ada):
    first = ask(tenant, "access")

    with pytest.raises(Conflict, match=str(first.id)):
        ask(tenant, "access")
    other = ask(tenant, "portability")
    ask(tenant, "restriction")
    ask(tenant, "restriction", is_lift=True)
    ask(tenant, "access", "bob")

    with tenant_scope(tenant.id):
        assert len(list_duplicates(other)) == 3


def test_request_about_nobody_keeps_the_name_under_the_tenants_key(tenant):
    request = read(tenant, ask(tenant, "access", "nobody"))

    assert (request.subject_id, request.subject_name) == (None, "nobody")


def test_what_a_request_says_is_sealed(tenant, ada):
    word = "zqsentinel"
    [memory_id] = add(tenant, "Ada sleeps")
    ask(tenant, "access", f"{word}name", reference=f"{word}reference", repeat_key=f"{word}key")
    ask(tenant, "rectification", corrections=[Correction(memory_id, f"{word}text")])

    assert find_plain(dump_rows(tenant.id), word) == set()


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "rectification"}, "corrections"),
        ({"kind": "access", "corrections": [Correction(uuid7(), "x")]}, "corrections"),
        ({"kind": "access", "is_lift": True}, "lift"),
        ({"received_on": timezone.now().date() + timedelta(days=1)}, "received_on"),
    ],
)
def test_what_does_not_fit_is_refused(tenant, fields, field):
    with pytest.raises(Invalid) as refused:
        ask(tenant, **fields)

    assert refused.value.field == field


def test_holiday_moves_the_due_date(tenant):
    handle(tenant, holidays=[date(2026, 12, 11)])

    assert ask(tenant, received_on=date(2026, 11, 11)).due_on == date(2026, 12, 14)
