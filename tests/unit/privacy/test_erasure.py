"""Everything about one entity goes, and nothing else; whatever happens on the way."""

import re
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from threading import Event

import pytest
from django.db import connection, connections

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.audit.models import AuditDetail, AuditEvent
from apps.common.errors import Conflict, DomainError
from apps.isolation.scope import tenant_scope
from apps.keys.models import EntityKey
from apps.memories.domain.deletion import delete_memory
from apps.memories.models import BlockedId, Entity, Erasure, Memory, Vector, Version
from apps.memories.queries.entities import find_entities
from apps.privacy.domain import erasure, handling, running
from apps.privacy.domain.certificates import get_certificate, is_signed
from apps.privacy.domain.work import run_request
from apps.privacy.enums import Step, Work
from apps.privacy.models import Certificate, Note, PrivacyDue, Request
from apps.privacy.vacuum import VacuumFailed
from tests.support.kernel import SYSTEM, add, find
from tests.support.processes import wait_until
from tests.unit.privacy.subjects import KEY, OPERATOR, ask, handle, read, run

TABLES = (Memory, Version, Vector)


@pytest.fixture
def tenant(committed_tenant):
    return committed_tenant


@pytest.fixture
def held(tenant):
    """What is kept: of Ada, of Ada with the bot, of both others. By text the id."""
    return {
        text: add(tenant, text, **ids)[0]
        for text, ids in {
            "Ada drinks tea": {"user": "ada", "run": "r1"},
            "Ada asked the bot": {"user": "ada", "agent": "bot"},
            "Bob asked the bot": {"user": "bob", "agent": "bot"},
            "Bob drinks tea": {"user": "bob"},
        }.items()
    }


def entity(tenant, name, kind="user"):
    with tenant_scope(tenant.id):
        return find_entities([(kind, name)]).get((kind, name))


def left(tenant):
    with tenant_scope(tenant.id):
        return sorted(memory.text for memory in Memory.objects.live())


def erase(tenant, name="ada", **fields):
    return run(tenant, ask(tenant, name=name, via="api", by=KEY, **fields))


def tables_of(tenant, request):
    with tenant_scope(tenant.id):
        document = get_certificate(request.id).document
    return {
        row["table"].rpartition(".")[2]: (
            row["found"],
            row["shredded"],
            row["deleted_only"],
            row["left"],
        )
        for row in document["tables"]
    }


def test_person_is_gone_and_others_are_not(tenant, held):
    ada = entity(tenant, "ada").id

    request = erase(tenant)

    assert request.state == "done"
    assert [step for step, _ in request.steps] == list(erasure.STEPS)
    assert left(tenant) == ["Bob asked the bot", "Bob drinks tea"]
    assert entity(tenant, "ada") is None
    assert find(tenant, "Who drinks tea?") == []
    with tenant_scope(tenant.id):
        for model in TABLES:
            assert model.objects.filter(key_owner_id=ada).count() == 0
        key = EntityKey.objects.get(id=ada)
        assert (key.wrapped, key.destroyed_at is None) == (None, False)
        journalled = sum(len(row.digests) for row in Erasure.objects.all())
        assert journalled == 3  # two memories and the person
        assert {row.kind for row in Entity.objects.all()} == {"user", "agent", "run"}


def test_every_memory_that_names_the_entity_goes(tenant, held):
    """Those of other people too: they are deleted, their keys stay."""
    request = erase(tenant, "bot", subject="agent")

    assert left(tenant) == ["Ada drinks tea", "Bob drinks tea"]
    assert tables_of(tenant, request) == {
        "Memory": (2, 0, 2, 0),
        "Version": (2, 0, 2, 0),
        "Vector": (2, 0, 2, 0),
        "Entity": (1, 1, 0, 0),
    } | {label: counts for label, counts in tables_of(tenant, request).items() if not any(counts)}


def test_what_deletes_have_left_goes_too(tenant, held):
    delete_memory(tenant_id=tenant.id, memory_id=held["Ada drinks tea"], by=SYSTEM)

    request = erase(tenant)

    with tenant_scope(tenant.id):
        assert Memory.objects.filter(id__in=held.values()).count() == 2
        assert Version.objects.count() == 2
    assert tables_of(tenant, request)["Memory"] == (2, 2, 0, 0)
    assert tables_of(tenant, request)["Version"] == (3, 3, 0, 0)
    assert tables_of(tenant, request)["Vector"] == (1, 0, 1, 0)


def test_other_tenants_same_id_stays(tenant, held, committed_db):
    from apps.tenants.domain.tenants import create_tenant

    other = create_tenant(name="Other", slug="other", by=SYSTEM)
    add(other, "Ada elsewhere")

    erase(tenant)

    assert left(other) == ["Ada elsewhere"]


def test_erasure_of_somebody_unknown_is_done_and_certified(tenant, held):
    request = erase(tenant, "nobody")

    assert request.state == "done"
    assert len(left(tenant)) == 4
    with tenant_scope(tenant.id):
        document = get_certificate(request.id).document
    assert (document["tables"], document["subject"]["id"]) == ([], None)


def test_what_was_written_about_the_request_is_blanked(tenant, held):
    access = ask(tenant, "access", reference="R1")
    handling.write_note(tenant_id=tenant.id, request_id=access.id, text="called", by=OPERATOR)

    request = erase(tenant, reference="R2", repeat_key="K")

    with tenant_scope(tenant.id):
        assert Note.objects.count() == 0
        for row in Request.objects.all():
            assert row.body_token is None
        assert list(Request.objects.exclude(reference=None)) == []
    assert read(tenant, request).reference is None
    assert ask(tenant, reference="R2", via="api", by=KEY).id == request.id
    assert ask(tenant, repeat_key="K", via="api", by=KEY).id == request.id


def test_personal_details_in_the_trail_are_redacted(tenant, held):
    ada, bob = entity(tenant, "ada").id, entity(tenant, "bob").id
    with tenant_scope(tenant.id):
        for person in (ada, bob):
            record(Action.MEMORY_READ, by=OPERATOR, entity_id=person, details={"ip": "::1"})

    request = erase(tenant)

    with tenant_scope(tenant.id):
        assert list(AuditDetail.objects.values_list("entity_id", flat=True)) == [bob]
        assert get_certificate(request.id).document["audit_details_redacted"] == 1


def test_erased_id_is_blocked_where_the_tenant_wants_it(tenant, held):
    handle(tenant, is_blocking=True)

    erase(tenant)

    with pytest.raises(DomainError) as refused:
        add(tenant, "Ada again", user="ada")
    assert refused.value.status == 403
    with tenant_scope(tenant.id):
        assert BlockedId.objects.count() == 1


def test_erased_id_begins_anew_where_it_is_not_blocked(tenant, held):
    request = erase(tenant)

    add(tenant, "Ada again", user="ada")

    assert entity(tenant, "ada").id != request.subject_id
    with tenant_scope(tenant.id):
        assert BlockedId.objects.count() == 0


@pytest.mark.parametrize("stop", range(1, 14))
def test_work_that_is_interrupted_goes_on(tenant, held, monkeypatch, stop):
    """After any chunk: another turn, as after a worker's death, ends with the same counts."""
    monkeypatch.setattr(erasure, "CHUNK", 1)
    request = ask(tenant, via="api", by=KEY)
    turns = count(1)

    class Killed(BaseException):
        pass

    chunk = running.Run.chunk

    def killed_after(self, **fields):
        if next(turns) > stop:
            raise Killed
        return chunk(self, **fields)

    with monkeypatch.context() as patch:
        patch.setattr(running.Run, "chunk", killed_after)
        with pytest.raises(Killed):
            run_request(tenant_id=tenant.id, request_id=request.id, by=SYSTEM)
    assert read(tenant, request).state == "running"
    assert run_request(tenant_id=tenant.id, request_id=request.id, by=SYSTEM) is False
    with tenant_scope(tenant.id):
        Request.objects.update(leased_until=None)  # its time is over

    assert run(tenant, request).state == "done"

    assert left(tenant) == ["Bob asked the bot", "Bob drinks tea"]
    found = tables_of(tenant, request)
    assert {name: found[name] for name in ("Memory", "Version", "Vector", "Entity")} == {
        "Memory": (2, 2, 0, 0),
        "Version": (2, 2, 0, 0),
        "Vector": (2, 0, 2, 0),
        "Entity": (1, 1, 0, 0),
    }
    with tenant_scope(tenant.id):
        assert Certificate.objects.count() == 1


def test_one_worker_at_a_time(tenant, held):
    request = ask(tenant, via="api", by=KEY)
    run_request(tenant_id=tenant.id, request_id=request.id, goes_on=lambda: False, by=SYSTEM)
    with tenant_scope(tenant.id):
        first = running._take_lease(tenant.id, request.id, SYSTEM)

    assert first is not None
    assert running._take_lease(tenant.id, request.id, SYSTEM) is None
    with tenant_scope(tenant.id):
        Request.objects.update(leased_until=None)
    assert run(tenant, request).state == "done"
    with pytest.raises(running.LeaseLost), first.chunk():
        pass


def test_writes_during_an_erasure_are_refused_or_erased(tenant, held, monkeypatch):
    """One adds again and again, from before the erasure until after it."""
    monkeypatch.setattr(erasure, "CHUNK", 1)
    request = ask(tenant, via="api", by=KEY)
    statuses, is_over = [], Event()

    def write():
        try:
            for number in count():
                try:
                    add(tenant, f"Ada {number}", user="ada", agent="bot")
                    statuses.append(200)
                except DomainError as error:
                    statuses.append(error.status)
                if is_over.is_set():
                    return
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        writer = pool.submit(write)
        wait_until(lambda: len(statuses) >= 3 or writer.done())
        try:
            done = run(tenant, request)
        finally:
            is_over.set()
        writer.result()

    ada = done.subject_id
    assert (done.state, done.failure) == ("done", "")
    assert statuses[0] == 200
    assert {409} <= set(statuses) <= {200, 403, 409}
    with tenant_scope(tenant.id):
        assert Memory.objects.filter(user_id=ada).count() == 0
        assert Vector.objects.filter(key_owner_id=ada).count() == 0


def test_vacuum_that_leaves_rows_is_a_failed_step_and_tried_again(tenant, held, monkeypatch):
    request = ask(tenant, via="api", by=KEY)
    other = connections["default"].copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT 1")
            assert run_request(tenant_id=tenant.id, request_id=request.id, by=SYSTEM) is False
            waiting = read(tenant, request)
            cursor.execute("ROLLBACK")
    finally:
        other.close()

    assert (waiting.state, waiting.failure, waiting.tries) == ("running", "vacuum", 1)
    assert running.is_step_done(waiting, Step.DELETE)
    assert not running.is_step_done(waiting, Step.VACUUM)
    assert run(tenant, request).state == "done"


def test_work_that_fails_again_and_again_has_failed_and_can_be_started(tenant, held, monkeypatch):
    request = ask(tenant, via="api", by=KEY)

    def skip(*_, **__):
        raise VacuumFailed("skipped")

    with monkeypatch.context() as patch:
        patch.setattr(erasure, "vacuum_table", skip)
        for _ in range(running.MOST_TRIES):
            run(tenant, request)
    failed = read(tenant, request)
    assert (failed.state, failed.failure) == ("failed", "vacuum")
    with tenant_scope(tenant.id):
        event = AuditEvent.objects.get(action="request.fail")
        assert (event.outcome, event.facts) == ("failed", {"reason": "error", "step": "vacuum"})
    assert PrivacyDue.objects.filter(work=Work.RUN).count() == 0
    with pytest.raises(DomainError):
        add(tenant, "Ada again", user="ada")

    handling.start_request(tenant_id=tenant.id, request_id=request.id, by=OPERATOR)

    assert run(tenant, request).state == "done"


def test_rows_that_came_in_between_are_found_and_deleted(tenant, held, monkeypatch):
    """As if something had slipped in past every lock."""
    request = ask(tenant, via="api", by=KEY)
    planted = []

    monkeypatch.setattr(erasure, "search_residue", lambda subject: [] if planted else slip(subject))

    def slip(subject):
        planted.append(1)
        from apps.privacy.domain.residue import Query

        return [Query("memories.Memory", "planted", 1)]

    assert run(tenant, request).state == "done"
    assert planted == [1]


def test_erasure_of_who_is_held_can_not_begin_and_of_who_is_erased_not_be_held(tenant, held):
    ada = entity(tenant, "ada").id
    handling.hold_subject(tenant_id=tenant.id, entity_id=ada, by=OPERATOR)
    request = ask(tenant, via="api", by=KEY)
    assert (request.state, len(left(tenant))) == ("blocked_by_hold", 4)
    handling.release_subject(tenant_id=tenant.id, entity_id=ada, by=OPERATOR)
    handling.start_request(tenant_id=tenant.id, request_id=request.id, by=OPERATOR)
    run_request(tenant_id=tenant.id, request_id=request.id, goes_on=lambda: False, by=SYSTEM)

    with pytest.raises(Conflict):
        handling.hold_subject(tenant_id=tenant.id, entity_id=ada, by=OPERATOR)

    assert run(tenant, request).state == "done"


def test_certificate_is_signed_and_holds_no_text(tenant, held):
    request = erase(tenant)

    with tenant_scope(tenant.id):
        document = get_certificate(request.id).document
    assert document["kind"] == "erasure"
    assert is_signed(document)
    assert not is_signed(document | {"number": 2})
    assert not is_signed({**document, "horizons": document["horizons"] | {"removed": "never"}})
    assert not re.search(r"\bada\b", str(document), re.IGNORECASE)  # which a hash may hold
    assert {query["left"] for query in document["queries"]} == {0}
    assert document["horizons"]["removed"] is not None
    assert document["horizons"]["overwritten"] is None
    assert PrivacyDue.objects.get(work=Work.SCRUB).item_id == request.id
