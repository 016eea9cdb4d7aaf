"""The audit trail of the chosen tenant: list, filters, one event with its proof, what it can do."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.audit.domain.checks import start_check
from apps.audit.domain.redaction import redact_subject
from apps.audit.models import AuditAnchor, AuditCheck, AuditDue, AuditEvent, AuditSeal
from apps.audit.queries import LONGEST_CHECK
from apps.common.actor import SYSTEM, Actor, ActorKind
from apps.common.ids import uuid7
from apps.dashboard.queries import audit as queries
from apps.dashboard.views import audit as views
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.tenants.enums import Role
from apps.tenants.models import Tenant
from tests.support.eager import at_once
from tests.support.trails import Trail

URL = "/dashboard/audit/"
PERSONAL = {"ip": "203.0.113.77", "email": "ada@harbour.example"}


@pytest.fixture
def trail(tenant, browser):
    """After the browser's operator was made, which leaves an event of its own."""
    return Trail.of(tenant)


@pytest.fixture
def eager():
    with at_once():
        yield


def read(trail, count=1):
    """As if an operator had read memories."""
    by = Actor(ActorKind.OPERATOR, uuid7())
    with tenant_scope(trail.tenant.id):
        return [record(Action.MEMORY_READ, by=by, target_id=uuid7(), count=3) for _ in range(count)]


def rows(answer):
    return [row for day in answer.context["timeline"].days for row in day.rows]


def sentences(answer):
    return [f"{row.actor} {row.sentence} {row.target}".strip() for row in rows(answer)]


def list_actions(tenant_id):
    with tenant_scope(tenant_id):
        return list(AuditEvent.objects.order_by("id").values_list("action", flat=True))


# The list


def test_events_read_as_sentences_newest_first(browser, store, trail):
    store.add("I like tea.")
    read(trail)

    answer = browser.get(URL)

    assert [line.rpartition(" …")[0] or line for line in sentences(answer)] == [
        "An operator read 3 memories of",
        "Booking app added 1 memory of",
        "Booking app stored the first memory of user",
        "System created API key",
        "System made an owner of operator",
        "System made this tenant",
    ]


def test_refused_events_say_why(browser, trail, make_operator, sign_in):
    viewer = make_operator("viewer@halden.example", role=Role.VIEWER)
    sign_in(viewer).get(URL)

    row = rows(browser.get(URL))[0]

    assert (row.actor, row.sentence, row.state) == (
        "viewer",
        "was refused: it needs audit.view",
        "failed",
    )


def test_numbers_and_seals_are_shown(browser, trail):
    trail.seal()
    [event] = read(trail)

    found = rows(browser.get(URL))

    assert [(row.number, row.is_sealed) for row in found] == [("", False), ("2", True), ("1", True)]
    assert found[0].href == f"{URL}{event.id}/"


def test_events_stand_under_their_day(browser, trail):
    days = browser.get(URL).context["timeline"].days

    today = timezone.now()
    assert [day.label for day in days] == [f"{today.day} {today:%B %Y}"]


@pytest.mark.parametrize("count", [1, 3])
def test_statements(browser, trail, django_assert_num_queries, count):
    read(trail, count)
    browser.get(URL)

    with django_assert_num_queries(24):
        browser.get(URL)


def test_pages_go_by_keyset(browser, trail, monkeypatch):
    monkeypatch.setattr(queries, "PAGE_SIZE", 3)
    events = read(trail, 7)[::-1]
    hrefs = [f"{URL}{event.id}/" for event in events]

    first = browser.get(URL + "?action=memory.read")
    second = browser.get(first.context["timeline"].older)
    third = browser.get(second.context["timeline"].older)
    back = browser.get(third.context["timeline"].newer)

    assert [row.href for row in rows(first)] == hrefs[:3]
    assert [row.href for row in rows(second)] == hrefs[3:6]
    assert [row.href for row in rows(third)] == hrefs[6:]
    assert [row.href for row in rows(back)] == hrefs[3:6]
    assert (first.context["timeline"].newer, third.context["timeline"].older) == ("", "")
    assert "action=memory.read" in first.context["timeline"].older


def test_other_tenants_events_are_not_there(browser, trail, other_tenant, other_store):
    other_store.add("I like tea.")
    with tenant_scope(other_tenant.id):
        theirs = AuditEvent.objects.first()

    found = browser.get(URL)

    assert len(rows(found)) == 2
    for place in (f"{URL}{theirs.id}/", f"{URL}{uuid4()}/"):
        assert browser.get(place).status_code == 404
    assert browser.get(f"{URL}?before={theirs.id}").status_code == 200


# Filters


@pytest.fixture
def mixed(trail):
    """One event by an operator at a target, one refused, one of the system."""
    by, target = Actor(ActorKind.OPERATOR, uuid7()), uuid7()
    with tenant_scope(trail.tenant.id):
        record(Action.MEMORY_READ, by=by, target_id=target, count=1)
    from apps.audit.domain import record_refusal

    record_refusal(Action.MEMORY_DELETE, tenant_id=trail.tenant.id, by=by)
    return by.id, target


@pytest.mark.parametrize(
    ("query", "actions"),
    [
        ("who=system", ["membership.grant", "tenant.create"]),
        ("action=memory.read", ["memory.read"]),
        ("target={target}", ["memory.read"]),
        ("outcome=denied", ["memory.delete"]),
        ("outcome=done&action=tenant.create", ["tenant.create"]),
        ("outcome=failed", []),
        ("since={today}", ["memory.delete", "memory.read", "membership.grant", "tenant.create"]),
        ("until={yesterday}", []),
        ("since={tomorrow}", []),
    ],
)
def test_filters(browser, mixed, query, actions):
    now = timezone.now().date()
    days = {"today": now, "yesterday": now - timedelta(1), "tomorrow": now + timedelta(1)}

    answer = browser.get(f"{URL}?{query.format(target=mixed[1], **days)}")

    ids = [row.href.split("/")[-2] for row in rows(answer)]
    with tenant_scope(answer.context["links"].tenant.id):
        known = {str(event.id): event.action for event in AuditEvent.objects.all()}
    assert [known[one] for one in ids] == actions
    assert answer.status_code == 200


def test_filter_by_who_offers_operators_and_keys(browser, store, trail, tenant):
    store.add("I like tea.")
    key = tenant.api_keys.get()

    answer = browser.get(f"{URL}?who={key.id}")

    names = [name for _, name in answer.context["form"].fields["who"].choices]
    assert names == ["anyone", "System", "ines.moreau@halden.example", "API key Booking app"]
    assert [row.actor for row in rows(answer)] == ["Booking app"] * 2
    [token] = answer.context["timeline"].tokens
    assert (token.key, token.value, token.remove) == ("who", "API key Booking app", f"{URL}?")


@pytest.mark.parametrize(
    "query", ["who=nobody", "action=x", "target=x", "outcome=x", "since=x", "until=2026-13-01"]
)
def test_wrong_filter_is_an_error_and_filters_nothing(browser, trail, query):
    answer = browser.get(f"{URL}?{query}")

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "There is a problem" in page
    assert "<title>Error: " in page
    assert len(rows(answer)) == 2


def test_nothing_found_says_so(browser, trail):
    page = browser.get(f"{URL}?outcome=failed").content.decode()

    assert "No events match" in page
    assert "Show all events" in page


@pytest.mark.parametrize("place", ["before=x", "after=x"])
def test_wrong_place_is_not_found(browser, trail, place):
    assert browser.get(f"{URL}?{place}").status_code == 404


# One event


def test_event_shows_what_it_says_and_its_proof(browser, trail):
    events = read(trail, 3)
    trail.seal()

    answer = browser.get(f"{URL}{events[1].id}/")

    event, page = answer.context["event"], answer.content.decode()
    with tenant_scope(trail.tenant.id):
        leaf = bytes(AuditSeal.objects.get(id=events[1].id).leaf).hex()
    assert event.heading == "Audit event 4"
    labels = [step.label for step in event.proof.steps]
    assert labels == ["this event", "left", "left", "right", "root"]
    assert event.proof.steps[0].hash == leaf
    assert (event.proof.state, event.proof.signature_state) == ("done", "done")
    assert leaf in page
    assert "--event 4" in page
    assert f"?target={events[1].target_id}" in page


def test_event_that_does_not_lead_to_the_root_says_so(browser, trail, monkeypatch):
    [event] = read(trail)
    trail.seal()
    monkeypatch.setattr(queries, "make_leaf", lambda event, place: bytes(32))

    proof = browser.get(f"{URL}{event.id}/").context["event"].proof

    assert (proof.state, proof.state_words) == ("failed", "does not lead to the root")


def test_checkpoint_of_an_unknown_key_says_so(browser, trail, monkeypatch):
    [event] = read(trail)
    trail.seal()
    monkeypatch.setattr(views, "read_public_keys", dict)

    proof = browser.get(f"{URL}{event.id}/").context["event"].proof

    assert proof.signature_state == "failed"


def test_unsealed_event_has_no_proof_yet(browser, trail):
    [event] = read(trail)

    answer = browser.get(f"{URL}{event.id}/")

    assert answer.context["event"].proof is None
    assert "It waits for the next seal" in answer.content.decode()


def test_anchor_is_shown_once_it_covers_the_event(browser, trail):
    [event] = read(trail)
    trail.seal()
    states = []
    for number in (None, 0, 1):
        with tenant_scope(trail.tenant.id):
            if number is not None:
                AuditAnchor.objects.update_or_create(
                    place="file", defaults={"number": number, "anchored_at": timezone.now()}
                )
        states.append(browser.get(f"{URL}{event.id}/").context["event"].proof.anchor_state)

    assert states == ["off", "waiting", "done"]


def test_peek_is_the_event_alone(browser, trail):
    [event] = read(trail)

    answer = browser.get(f"{URL}{event.id}/", headers={"HX-Request": "true", "HX-Target": "peek"})

    assert answer.templates[0].name == "dashboard/audit/_peek.html"


# Personal details


@pytest.fixture
def detailed(trail):
    return trail.write(details=PERSONAL)[0]


def test_details_are_hidden_until_they_are_revealed(browser, detailed, trail):
    address = f"{URL}{detailed.id}/"

    hidden = browser.get(address)
    revealed = browser.post(f"{address}reveal/")

    for word in PERSONAL.values():
        assert word not in hidden.content.decode()
        assert word in revealed.content.decode()
    assert (hidden.context["event"].details, revealed.context["event"].details) == (
        "hidden",
        "revealed",
    )


def test_reading_details_is_an_event(browser, detailed, trail):
    browser.get(f"{URL}{detailed.id}/")
    before = list_actions(trail.tenant.id)

    browser.post(f"{URL}{detailed.id}/reveal/")

    with tenant_scope(trail.tenant.id):
        event = AuditEvent.objects.get(action="audit.read")
    assert "audit.read" not in before
    assert event.target_id == detailed.id
    assert event.actor_kind == "operator"


def test_erased_details_are_shown_as_erased(browser, trail, detailed):
    operator = uuid7()
    [event] = trail.write(details=PERSONAL, target_id=operator)
    with tenant_scope(trail.tenant.id):
        redact_subject(subject_id=operator, by=SYSTEM)

    shown = browser.get(f"{URL}{event.id}/")
    revealed = browser.post(f"{URL}{event.id}/reveal/")

    for answer in (shown, revealed):
        assert answer.context["event"].details == "erased"
    assert "audit.read" not in list_actions(trail.tenant.id)


def test_reveal_by_link_leads_to_the_event(browser, detailed):
    answer = browser.get(f"{URL}{detailed.id}/reveal/")

    assert (answer.status_code, answer.url) == (302, f"{URL}{detailed.id}/")


# How it stands


def test_state_before_any_verification(browser, trail):
    state = browser.get(URL).context["trail"]

    assert (state.state, state.word) == ("off", "Not verified yet")
    assert state.command == "manage.py audit_verify --tenant harbour"
    assert state.waiting == "2 events wait for the next seal, a few seconds."


def test_verification_runs_and_is_shown(browser, trail, eager):
    trail.fill()

    answer = browser.post(URL + "verify/", follow=True)

    state = answer.context["trail"]
    assert answer.redirect_chain == [(URL, 302)]
    assert (state.state, state.word, state.sentence) == (
        "done",
        "Verified",
        "13 events, 0 problems",
    )
    assert list_actions(trail.tenant.id)[-1] == "audit.verify"
    proof, *_ = answer.context["shell"].proofs()
    assert (proof.state, proof.href) == ("done", URL)


def test_problems_stand_on_top(browser, trail, eager):
    trail.fill()
    trail.write()
    AuditDue.objects.filter(tenant_id=trail.tenant.id).delete()

    answer = browser.post(URL + "verify/", follow=True)

    state = answer.context["trail"]
    assert (state.state, state.word) == ("failed", "1 problem found")
    assert state.problems == ("An event was never sealed in its turn (inserted)",)
    proof, *_ = answer.context["shell"].proofs()
    assert (proof.state, proof.finding) == ("failed", "1 problem")


def test_running_verification_is_shown_and_not_started_twice(browser, trail):
    trail.fill()
    with tenant_scope(trail.tenant.id):
        start_check(by=SYSTEM)

    browser.post(URL + "verify/")
    answer = browser.get(URL, headers={"HX-Request": "true", "HX-Target": "verification"})

    page = answer.content.decode()
    assert answer.templates[0].name == "dashboard/audit/_state.html"
    assert answer.context["trail"].is_running
    assert "0 of 13 events" in page
    assert 'hx-trigger="every 2s"' in page
    with tenant_scope(trail.tenant.id):
        assert AuditCheck.objects.count() == 1


def test_verification_that_was_lost_does_not_run_for_ever(browser, trail):
    with tenant_scope(trail.tenant.id):
        check = start_check(by=SYSTEM)
        check.started_at -= LONGEST_CHECK
        check.save()

    assert browser.get(URL).context["trail"].is_running is False


def test_page_says_what_could_still_be_changed(browser, trail):
    page = browser.get(URL).content.decode()

    assert 'id="limits"' in page
    assert "the end of the trail can be cut off" in page


def test_anchor_is_told(browser, trail, settings):
    told = [browser.get(URL).context["trail"].anchor]
    settings.AUDIT_ANCHORS = True
    told.append(browser.get(URL).context["trail"].anchor)
    with tenant_scope(trail.tenant.id):
        AuditAnchor.objects.create(place="file", number=1, anchored_at=timezone.now())
    told.append(browser.get(URL).context["trail"].anchor)

    assert told[:2] == [
        "No place outside the database is set to anchor it.",
        "Not anchored outside the database yet; it happens every 5 minutes.",
    ]
    assert told[2].startswith("Anchored outside the database ")


# Export


def test_export_is_a_file(browser, trail):
    trail.fill()

    answer = browser.post(URL + "export/")

    lines = [json.loads(line) for line in b"".join(answer.streaming_content).splitlines()]
    assert answer["Content-Disposition"] == 'attachment; filename="audit-harbour.jsonl"'
    assert answer["Cache-Control"] == "no-store"
    assert lines[-1]["export"]["events"] == 14
    assert list_actions(trail.tenant.id)[-1] == "audit.export"


def test_long_trail_is_exported_by_the_command(browser, trail, monkeypatch):
    monkeypatch.setattr(views, "MOST_EXPORTED", 3)
    trail.fill()

    page = browser.get(URL).content.decode()
    answer = browser.post(URL + "export/", follow=True)

    assert "manage.py audit_export --tenant harbour --out harbour.jsonl" in page
    assert ">Export<" not in page
    assert "More than 3 events are exported by the command" in answer.content.decode()


# Which reads by applications


def test_choice_of_reads(browser, trail, tenant):
    answer = browser.post(URL + "reads/", {"which": "sampled"}, follow=True)

    tenant.refresh_from_db()
    assert tenant.api_reads == "sampled"
    assert answer.context["api_reads"] == "sampled"
    assert list_actions(tenant.id)[-1] == "tenant.configure"


@pytest.mark.parametrize("sent", [{}, {"which": "everything"}])
def test_wrong_choice_of_reads(browser, trail, tenant, sent):
    browser.post(URL + "reads/", sent)

    tenant.refresh_from_db()
    assert tenant.api_reads == "off"


# Who may


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.OWNER, 200), (Role.PRIVACY_OFFICER, 200), (Role.EDITOR, 403), (Role.VIEWER, 403)],
)
def test_roles(trail, make_operator, sign_in, role, status):
    client = sign_in(make_operator("other@halden.example", role=role))

    assert client.get(URL).status_code == status
    assert (b'href="/dashboard/audit/"' in client.get("/dashboard/").content) == (status == 200)


def test_methods_that_change_are_posts(browser, trail):
    assert browser.get(URL + "verify/").status_code == 405
    assert browser.get(URL + "reads/").status_code == 405
    assert browser.get(URL + "export/")["Location"] == URL


# The instance's trail


def test_instance_owner_sees_the_instances_trail(browser, trail):
    Trail.of(Tenant.objects.get(id=INSTANCE_TENANT_ID)).seal()

    answer = browser.get("/dashboard/instance/audit/?action=operator.create")

    [row] = rows(answer)
    assert (row.sentence, row.is_sealed) == ("added operator", True)
    assert browser.get(row.href).context["event"].proof.state == "done"
    assert answer.context["trail"].command.endswith("--tenant instance")
    assert "Reads by applications" not in answer.content.decode()


def test_instances_trail_is_for_instance_owners(make_operator, sign_in, trail):
    owner = sign_in(make_operator("owner@halden.example", role=Role.OWNER))

    for part in ("", "verify/", "export/", f"{uuid4()}/"):
        assert owner.get(f"/dashboard/instance/audit/{part}").status_code == 403
