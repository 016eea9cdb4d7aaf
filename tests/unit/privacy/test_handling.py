"""What operators do with a request before its work."""

from datetime import date, timedelta

import pytest
from django.utils import timezone
from time_machine import travel

from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.common.errors import Conflict, Forbidden, Invalid
from apps.isolation.scope import tenant_scope
from apps.memories.queries.entities import find_entities
from apps.privacy.domain import handling
from apps.privacy.enums import IdentityCheck, RefusalReason
from apps.privacy.models import Note, PrivacyDue
from apps.tenants.domain.operators import create_operator
from apps.tenants.enums import Role
from tests.support.kernel import add
from tests.unit.privacy.subjects import OPERATOR, SECOND, ask, handle, read


def act(name, tenant, request, *, by=OPERATOR, **fields):
    function = getattr(handling, f"{name}_request")
    return function(tenant_id=tenant.id, request_id=request.id, by=by, **fields)


def verify(tenant, request, *, by=OPERATOR):
    return act("verify", tenant, request, by=by, check=IdentityCheck.DOCUMENT)


def subject_of(tenant, name="ada"):
    with tenant_scope(tenant.id):
        [entity] = find_entities([("user", name)]).values()
        return entity.id


@pytest.fixture
def request_(tenant):
    add(tenant, "Ada drinks tea.")
    return ask(tenant)


def test_verified_request_is_started_by_an_operator(tenant, request_):
    verify(tenant, request_)
    act("start", tenant, request_)

    found = read(tenant, request_)
    assert (found.state, found.identity_check, found.verified_by) == (
        "running",
        "document",
        OPERATOR.id,
    )
    assert PrivacyDue.objects.get().item_id == request_.id


def test_unverified_request_is_not_started(tenant, request_):
    with pytest.raises(Conflict):
        act("start", tenant, request_)

    assert PrivacyDue.objects.count() == 0


def test_four_eyes_are_four(tenant, request_):
    handle(tenant, has_four_eyes=True)
    verify(tenant, request_)

    with pytest.raises(Conflict):
        act("start", tenant, request_)
    with pytest.raises(Forbidden):
        act("approve", tenant, request_)
    act("approve", tenant, request_, by=SECOND)
    act("start", tenant, request_)

    assert read(tenant, request_).state == "running"


def test_second_person_is_neither_who_opened_nor_who_verified(tenant, request_):
    verify(tenant, request_, by=SECOND)

    for person in (OPERATOR, SECOND):
        with pytest.raises(Forbidden):
            act("approve", tenant, request_, by=person)


def test_hold_blocks_an_erasure_until_it_is_lifted(tenant, request_):
    ids = {"tenant_id": tenant.id, "entity_id": subject_of(tenant), "by": OPERATOR}
    handling.hold_subject(**ids)
    verify(tenant, request_)

    assert act("start", tenant, request_).state == "blocked_by_hold"
    assert act("start", tenant, request_).state == "blocked_by_hold"
    assert PrivacyDue.objects.count() == 0
    handling.release_subject(**ids)
    assert act("start", tenant, request_).state == "running"


def test_hold_blocks_nothing_but_erasures(tenant, request_):
    handling.hold_subject(tenant_id=tenant.id, entity_id=subject_of(tenant), by=OPERATOR)
    objection = ask(tenant, "objection")
    verify(tenant, objection)

    assert act("start", tenant, objection).state == "running"


def test_refusal_needs_a_reason_and_words(tenant, request_):
    with pytest.raises(Invalid):
        act("refuse", tenant, request_, reason=RefusalReason.UNFOUNDED, explanation=" ")
    act("refuse", tenant, request_, reason=RefusalReason.UNFOUNDED, explanation="The ninth one.")

    found = read(tenant, request_)
    assert (found.state, found.refusal, found.explanation) == (
        "refused",
        "unfounded",
        "The ninth one.",
    )
    assert found.ended_at is not None


def test_withdrawn_request_is_over(tenant, request_):
    act("withdraw", tenant, request_)

    with pytest.raises(Conflict):
        verify(tenant, request_)
    assert ask(tenant).id != request_.id


def test_extension_is_told_within_the_first_month_and_once(tenant):
    with travel("2026-11-11 10:00Z"):
        request = ask(tenant, "access")
    with travel("2026-12-12 10:00Z"), pytest.raises(Conflict):
        act("extend", tenant, request, months=1, explanation="Many.")
    with travel("2026-12-11 10:00Z"):
        act("extend", tenant, request, months=2, explanation="Many.")
        with pytest.raises(Conflict):
            act("extend", tenant, request, months=1, explanation="More.")

    found = read(tenant, request)
    assert (found.due_on, found.explanation) == (date(2027, 2, 11), "Many.")


@pytest.mark.parametrize("months", [0, 3])
def test_extension_has_bounds(tenant, months):
    with pytest.raises(Invalid):
        act("extend", tenant, ask(tenant), months=months, explanation="Many.")


def test_clock_stands_still_while_a_proof_of_identity_is_missing(tenant):
    with travel("2026-11-11 10:00Z"):
        request = ask(tenant, "access")
        act("pause", tenant, request)
        with pytest.raises(Conflict):
            act("pause", tenant, request)
    with travel("2026-11-15 09:00Z"):
        verify(tenant, request)

    found = read(tenant, request)
    assert (found.paused_days, found.paused_at, found.due_on) == (4, None, date(2026, 12, 15))
    with pytest.raises(Conflict):
        act("pause", tenant, request)


def test_note_is_sealed_and_recorded_without_its_text(tenant, request_):
    given = {"email": "rob@halden.example", "password": "a long enough pass phrase"}
    second = create_operator(**given, role=Role.PRIVACY_OFFICER, tenant=tenant, by=SYSTEM)
    handling.write_note(
        tenant_id=tenant.id, request_id=request_.id, text="called back", by=OPERATOR
    )
    act("assign", tenant, request_, assignee_id=second.id)

    with tenant_scope(tenant.id):
        [note] = Note.objects.all()
        assert (note.text, note.author_id) == ("called back", OPERATOR.id)
        events = AuditEvent.objects.filter(target_id=request_.id).order_by("id")
        assert [(event.action, event.facts) for event in events][1:] == [
            ("request.note", {}),
            ("request.assign", {"assignee": str(second.id)}),
        ]
    assert read(tenant, request_).assignee_id == second.id


def test_refused_move_is_an_event(tenant, request_):
    with pytest.raises(Conflict):
        act("start", tenant, request_)

    with tenant_scope(tenant.id):
        [event] = AuditEvent.objects.filter(action="request.start")
        assert (event.outcome, event.target_id) == ("failed", request_.id)


def test_paused_days_round_up(tenant):
    request = ask(tenant, "access")
    act("pause", tenant, request)
    with travel(timezone.now() + timedelta(minutes=1)):
        verify(tenant, request)

    assert read(tenant, request).paused_days == 1
