"""What is committed gets its place, its segment and a signed checkpoint; nothing of it changes."""

import hashlib

import pytest
from django.db import IntegrityError

from apps.audit.actions import Action
from apps.audit.canonical import START, checkpoint_bytes
from apps.audit.domain import record, sealing, signing
from apps.audit.domain.sealing import make_leaf, seal_due, seal_segment, seal_tenant
from apps.audit.domain.signing import read_public_keys, read_signer
from apps.audit.merkle import compute_root
from apps.audit.models import AuditCheckpoint, AuditDue, AuditEvent, AuditSeal
from apps.common.actor import SYSTEM
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.tenants.domain.tenants import create_tenant
from tests.support.kernel import dump_rows


@pytest.fixture
def signer(db):
    return read_signer(by=SYSTEM)


def write(tenant, count):
    with tenant_scope(tenant.id):
        return [record(Action.LOGOUT, by=SYSTEM).id for _ in range(count)]


def seal(tenant, signer):
    return seal_tenant(tenant_id=tenant.id, signer=signer, by=SYSTEM)


def read_trail(tenant):
    with tenant_scope(tenant.id):
        checkpoints = list(AuditCheckpoint.objects.order_by("number"))
        seals = list(AuditSeal.objects.order_by("sequence"))
        events = {event.id: event for event in AuditEvent.objects.all()}
    return checkpoints, seals, events


def count_due(tenant_id):
    return AuditDue.objects.filter(tenant_id=tenant_id).count()


def test_events_wait_on_the_due_list_until_they_are_sealed(tenant, signer):
    ids = write(tenant, 2)

    due = AuditDue.objects.filter(tenant_id=tenant.id, work="seal")
    waiting = set(due.values_list("item_id", flat=True))
    assert seal(tenant, signer) == 3

    assert set(ids) < waiting
    assert len(waiting) == 3  # and the tenant's own making
    assert count_due(tenant.id) == 0
    assert seal(tenant, signer) == 0


def test_one_statement_writes_an_event(tenant, django_assert_num_queries):
    with tenant_scope(tenant.id), django_assert_num_queries(1):
        record(Action.LOGOUT, by=SYSTEM)


def test_event_that_is_rolled_back_is_not_due(tenant):
    before = count_due(tenant.id)

    with pytest.raises(RuntimeError), tenant_scope(tenant.id):
        record(Action.LOGOUT, by=SYSTEM)
        raise RuntimeError

    assert count_due(tenant.id) == before


def test_segment_is_a_signed_tree_of_its_events(tenant, signer):
    write(tenant, 4)

    seal(tenant, signer)

    [checkpoint], seals, events = read_trail(tenant)
    leaves = [make_leaf(events[one.id], one.sequence) for one in seals]
    assert [one.sequence for one in seals] == [1, 2, 3, 4, 5]
    assert [one.id for one in seals] == sorted(events)
    assert [bytes(one.leaf) for one in seals] == leaves
    assert (checkpoint.number, checkpoint.first, checkpoint.last) == (1, 1, 5)
    assert bytes(checkpoint.root) == compute_root(leaves)
    assert bytes(checkpoint.previous) == START
    key = read_public_keys()[checkpoint.key_id]
    key.verify(bytes(checkpoint.signature), checkpoint_bytes(checkpoint))


def test_next_segment_goes_on_and_names_the_one_before(tenant, signer):
    write(tenant, 1)
    seal(tenant, signer)
    write(tenant, 3)

    seal(tenant, signer)

    [first, second], _, _ = read_trail(tenant)
    assert (second.number, second.first, second.last) == (2, 3, 5)
    assert bytes(second.previous) == hashlib.sha256(checkpoint_bytes(first)).digest()


def test_late_commit_joins_the_next_segment(tenant, signer):
    """As if its transaction had been open while the others were sealed."""
    late = write(tenant, 3)[0]
    AuditDue.objects.filter(item_id=late).delete()
    seal(tenant, signer)
    AuditDue(work="seal", tenant_id=tenant.id, item_id=late).save(force_insert=True)

    seal(tenant, signer)

    _, seals, events = read_trail(tenant)
    assert seals[-1].id == late < seals[-2].id
    assert len(seals) == len(events)


def test_segments_are_bounded(tenant, signer, monkeypatch):
    monkeypatch.setattr(sealing, "SEGMENT_SIZE", 2)
    write(tenant, 4)

    assert seal(tenant, signer) == 5

    checkpoints, _, _ = read_trail(tenant)
    assert [(one.first, one.last) for one in checkpoints] == [(1, 2), (3, 4), (5, 5)]


def test_sealing_changes_no_event(tenant, signer):
    write(tenant, 2)
    before = dump_rows(tenant.id)["audit.AuditEvent"]

    seal(tenant, signer)

    assert dump_rows(tenant.id)["audit.AuditEvent"] == before


def test_seal_due_visits_every_tenant_that_has_something_to_do(tenant, other_tenant, monkeypatch):
    visited = []
    monkeypatch.setattr(
        sealing, "seal_segment", lambda **given: visited.append(given["tenant_id"]) or 0
    )
    AuditDue.objects.filter(tenant_id=other_tenant.id).delete()

    seal_due(goes_on=lambda: True, by=SYSTEM)

    assert set(visited) == {tenant.id, INSTANCE_TENANT_ID}


def test_seal_due_stops_when_its_time_is_over(tenant):
    before = AuditDue.objects.count()

    assert seal_due(goes_on=lambda: False, by=SYSTEM) == 0
    assert AuditDue.objects.count() >= before


def test_tenant_that_fails_is_left_for_the_next_run(tenant, other_tenant, monkeypatch):
    def fail(*, tenant_id, **given):
        if tenant_id == tenant.id:
            raise IntegrityError
        return seal_segment(tenant_id=tenant_id, **given)

    monkeypatch.setattr(sealing, "seal_segment", fail)
    seal_due(goes_on=lambda: True, by=SYSTEM)

    assert (count_due(tenant.id), count_due(other_tenant.id)) == (1, 0)


def test_event_that_went_before_its_seal_is_reported(tenant, signer):
    AuditDue(work="seal", tenant_id=tenant.id, item_id=tenant.id).save(force_insert=True)

    seal(tenant, signer)
    seal(tenant, signer)

    with tenant_scope(tenant.id):
        event = AuditEvent.objects.get(action="audit.event.missing")
        assert (event.target_id, event.outcome) == (tenant.id, "failed")
        assert AuditSeal.objects.filter(id=event.id).exists()
    assert count_due(tenant.id) == 0


def test_first_signing_key_is_made_once_with_its_event(db):
    signer = read_signer(by=SYSTEM)

    assert read_signer(by=SYSTEM).key_id == signer.key_id
    [key] = signing.list_signers()
    assert key.number == 1
    with tenant_scope(INSTANCE_TENANT_ID):
        events = AuditEvent.objects.filter(action="audit.key.create")
        assert len(events) == 1


def test_rotated_key_signs_and_the_old_one_stays_listed(tenant, signer):
    seal(tenant, signer)
    write(tenant, 1)

    new = signing.rotate_signing_key(by=SYSTEM)
    seal(tenant, read_signer(by=SYSTEM))

    checkpoints, _, _ = read_trail(tenant)
    assert [one.key_id for one in checkpoints] == [signer.key_id, new.key_id]
    assert [one.number for one in signing.list_signers()] == [1, 2]
    assert read_public_keys().keys() == {signer.key_id, new.key_id}


def test_signing_keys_lie_sealed(tenant, signer):
    raw = signer.private_key.private_bytes_raw().hex()

    assert not [
        row for rows in dump_rows(INSTANCE_TENANT_ID).values() for row in rows if raw in row
    ]


def test_tenants_trails_are_apart(tenant, signer):
    other = create_tenant(name="Apart", by=SYSTEM)
    write(other, 2)

    seal(tenant, signer)
    seal(other, signer)

    for each, count in ((tenant, 1), (other, 3)):
        [checkpoint], seals, _ = read_trail(each)
        assert [one.sequence for one in seals] == list(range(1, count + 1))
        assert checkpoint.tenant_id == each.id
