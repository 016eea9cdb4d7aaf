"""The drill: what a superuser does to a sealed trail is found, and named by what shows it."""

import pytest
from psycopg.types.json import Jsonb

from apps.audit.canonical import checkpoint_bytes, hash_checkpoint
from apps.audit.domain.sealing import make_leaf
from apps.audit.merkle import compute_root
from apps.audit.models import AuditCheckpoint, AuditDue, AuditEvent, AuditSeal
from apps.common.actor import SYSTEM
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.tenants.domain.tenants import create_tenant
from tests.support.trails import Trail

EVENT_AT = """
    tenant_id = %(tenant)s AND id = (SELECT id FROM audit_auditseal
    WHERE tenant_id = %(tenant)s AND sequence = %(sequence)s)
"""
COPY_EVENT = """
    INSERT INTO audit_auditevent
    SELECT (row).* FROM (SELECT jsonb_populate_record(event, %(changes)s) AS row
    FROM audit_auditevent AS event WHERE {where}) AS copy
"""


def rehash(trail, run, sequence):
    """Make the leaf of this event agree with what the event says now."""
    with tenant_scope(trail.tenant.id):
        seal = AuditSeal.objects.get(sequence=sequence)
        leaf = make_leaf(AuditEvent.objects.get(id=seal.id), sequence)
    run(
        "UPDATE audit_auditseal SET leaf = %(leaf)s"
        " WHERE tenant_id = %(tenant)s AND sequence = %(sequence)s",
        leaf=leaf,
        sequence=sequence,
    )


def reroot(trail, run, number):
    """Make the root of this segment agree with its leaves."""
    with tenant_scope(trail.tenant.id):
        checkpoint = AuditCheckpoint.objects.get(number=number)
        seals = AuditSeal.objects.filter(sequence__range=(checkpoint.first, checkpoint.last))
        leaves = [bytes(seal.leaf) for seal in seals.order_by("sequence")]
    run(
        "UPDATE audit_auditcheckpoint SET root = %(root)s"
        " WHERE tenant_id = %(tenant)s AND number = %(number)s",
        root=compute_root(leaves),
        number=number,
    )


def relink(trail, run, number):
    """Make this checkpoint name the one before it as it is now."""
    with tenant_scope(trail.tenant.id):
        before = AuditCheckpoint.objects.get(number=number - 1)
    run(
        "UPDATE audit_auditcheckpoint SET previous = %(previous)s"
        " WHERE tenant_id = %(tenant)s AND number = %(number)s",
        previous=hash_checkpoint(before),
        number=number,
    )


def cut(run, sequence):
    """Remove everything from this sequence on, its checkpoint included."""
    for table, column in (
        ("auditevent", "id IN (SELECT id FROM audit_auditseal WHERE sequence >= %(sequence)s)"),
        ("auditseal", "sequence >= %(sequence)s"),
        ("auditcheckpoint", "first >= %(sequence)s"),
    ):
        run(
            f"DELETE FROM audit_{table} WHERE tenant_id = %(tenant)s AND {column}",
            sequence=sequence,
        )


def test_untouched_trail_has_no_problem(sealed):
    found = sealed.verify()

    assert (found.events, found.unsealed, found.problems) == (12, 0, [])


@pytest.mark.parametrize(
    "change",
    [
        "occurred_at = occurred_at - interval '1 microsecond'",
        "action = 'login'",
        "schema_version = 2",
        "actor_kind = 'operator'",
        "actor_id = tenant_id",
        "target_id = tenant_id",
        "outcome = 'denied'",
        "request_id = 'x'",
        "facts = '{\"count\": 1}'",
        "details_digest = '\\x00'",
    ],
)
def test_edited_event_is_found_by_its_leaf(sealed, superuser, change):
    superuser(f"UPDATE audit_auditevent SET {change} WHERE {EVENT_AT}", sequence=6)

    assert sealed.problems() == [(6, "edited")]


def test_deleted_event_is_found_by_its_place(sealed, superuser):
    superuser(f"DELETE FROM audit_auditevent WHERE {EVENT_AT}", sequence=6)

    assert sealed.problems() == [(6, "removed")]


def test_event_deleted_with_its_place_is_found_by_the_gap(sealed, superuser):
    superuser(f"DELETE FROM audit_auditevent WHERE {EVENT_AT}", sequence=6)
    superuser("DELETE FROM audit_auditseal WHERE tenant_id = %(tenant)s AND sequence = 6")

    assert sealed.problems() == [(6, "removed")]


def copy_event(run, sequence, **changes):
    given = {name: str(value) for name, value in changes.items()}
    run(COPY_EVENT.format(where=EVENT_AT), sequence=sequence, changes=Jsonb(given))


def test_inserted_event_is_found_for_want_of_a_place(sealed, superuser):
    copy_event(superuser, 6, id=uuid7())

    assert sealed.problems() == [(None, "inserted")]


def test_inserted_event_with_a_place_is_found_behind_the_last_checkpoint(sealed, superuser):
    planted = uuid7()
    copy_event(superuser, 6, id=planted)
    superuser(
        "INSERT INTO audit_auditseal (tenant_id, id, sequence, leaf)"
        " VALUES (%(tenant)s, %(id)s, 13, '\\x00')",
        id=planted,
    )

    assert sealed.problems() == [(13, "inserted")]


def test_event_squeezed_in_is_found_by_every_leaf_behind_it(sealed, superuser):
    """The others of the segment move up by one; the last takes the place of the next segment's."""
    superuser("UPDATE audit_auditseal SET sequence = sequence + 1000"
              " WHERE tenant_id = %(tenant)s AND sequence >= 6")  # fmt: skip
    superuser("UPDATE audit_auditseal SET sequence = sequence - 999"
              " WHERE tenant_id = %(tenant)s AND sequence > 1000")  # fmt: skip
    planted = uuid7()
    copy_event(superuser, 5, id=planted)
    superuser(
        "INSERT INTO audit_auditseal (tenant_id, id, sequence, leaf)"
        " VALUES (%(tenant)s, %(id)s, 6, '\\x00')",
        id=planted,
    )

    found = sealed.problems()
    assert found[0] == (6, "edited")
    assert found[-1] == (13, "inserted")


@pytest.mark.parametrize("moved", ["sequence", "id"])
def test_reordered_events_are_found_by_their_leaves(sealed, superuser, moved):
    """Either their places are exchanged, or they are at each other's."""
    if moved == "sequence":
        for old, new in ((6, 1000), (7, 6), (1000, 7)):
            superuser("UPDATE audit_auditseal SET sequence = %(new)s WHERE tenant_id = %(tenant)s"
                      " AND sequence = %(old)s", old=old, new=new)  # fmt: skip
    else:
        run = "UPDATE audit_auditseal SET id = %(id)s WHERE tenant_id = %(tenant)s AND sequence = %(n)s"
        sixth, seventh = (
            superuser("SELECT id FROM audit_auditseal WHERE tenant_id = %(tenant)s"
                      " AND sequence = %(n)s", n=n).fetchone()[0]
            for n in (6, 7)
        )  # fmt: skip
        for n, new in ((6, uuid7()), (7, sixth), (6, seventh)):
            superuser(run, n=n, id=new)

    assert sealed.problems() == [(6, "reordered"), (7, "reordered")]


def test_edit_with_a_new_leaf_is_found_by_the_root(sealed, superuser):
    superuser(f"UPDATE audit_auditevent SET outcome = 'denied' WHERE {EVENT_AT}", sequence=6)
    rehash(sealed, superuser, 6)

    assert sealed.problems() == [(5, "rehashed")]


def test_edit_with_a_new_root_is_found_by_the_signature(sealed, superuser):
    superuser(f"UPDATE audit_auditevent SET outcome = 'denied' WHERE {EVENT_AT}", sequence=6)
    rehash(sealed, superuser, 6)
    reroot(sealed, superuser, 2)

    assert sealed.problems()[0] == (5, "forged")


def test_rewritten_chain_is_found_by_each_signature(sealed, superuser):
    superuser(f"UPDATE audit_auditevent SET outcome = 'denied' WHERE {EVENT_AT}", sequence=6)
    rehash(sealed, superuser, 6)
    reroot(sealed, superuser, 2)
    relink(sealed, superuser, 3)

    assert sealed.problems() == [(5, "forged"), (9, "forged")]


def test_chain_signed_with_another_key_is_found(sealed, superuser):
    """As by somebody without the master key, who lists a key of their own."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    with tenant_scope(sealed.tenant.id):
        checkpoint = AuditCheckpoint.objects.get(number=3)
    signature = Ed25519PrivateKey.generate().sign(checkpoint_bytes(checkpoint))
    superuser("UPDATE audit_auditcheckpoint SET signature = %(signature)s"
              " WHERE tenant_id = %(tenant)s AND number = 3", signature=signature)  # fmt: skip

    assert sealed.problems() == [(9, "forged")]


def test_checkpoint_of_another_tenant_does_not_fit(sealed, superuser, committed_db):
    other = Trail.of(create_tenant(name="Another", by=SYSTEM))
    other.write(3)
    other.seal()
    superuser(
        "UPDATE audit_auditcheckpoint AS ours SET root = theirs.root, signature = theirs.signature"
        " FROM audit_auditcheckpoint AS theirs WHERE ours.tenant_id = %(tenant)s"
        " AND theirs.tenant_id = %(other)s AND ours.number = 1 AND theirs.number = 1",
        other=other.tenant.id,
    )

    assert (1, "forged") in sealed.problems()
    assert other.problems() == []


def test_checkpoint_taken_from_the_middle_is_found_by_the_gap(sealed, superuser):
    superuser("DELETE FROM audit_auditcheckpoint WHERE tenant_id = %(tenant)s AND number = 2")

    assert sealed.problems() == [(5, "truncated")]


def test_checkpoint_taken_from_the_end_leaves_places_behind(sealed, superuser):
    superuser("DELETE FROM audit_auditcheckpoint WHERE tenant_id = %(tenant)s AND number = 3")

    assert sealed.problems() == [(n, "inserted") for n in range(9, 13)]


def test_trail_that_is_not_there_at_all_is_found(sealed, superuser):
    """Every tenant's trail begins with its own making."""
    cut(superuser, 1)

    assert sealed.problems() == [(1, "truncated")]


def test_cut_end_is_found_by_an_anchor_alone(sealed, superuser):
    with tenant_scope(sealed.tenant.id):
        anchors = {one.number: hash_checkpoint(one).hex() for one in AuditCheckpoint.objects.all()}
    cut(superuser, 9)

    assert sealed.problems() == []
    assert sealed.problems(anchors=anchors) == [(9, "truncated")]


def test_end_that_was_cut_and_written_anew_is_found_by_an_anchor_alone(sealed, superuser):
    """The sealer signs what it finds: from the database alone the new end looks as good."""
    with tenant_scope(sealed.tenant.id):
        anchors = {3: hash_checkpoint(AuditCheckpoint.objects.get(number=3)).hex()}
    cut(superuser, 9)
    sealed.write(4)
    sealed.seal()

    assert sealed.problems() == []
    assert sealed.problems(anchors=anchors) == [(9, "forged")]


def test_event_removed_before_its_seal_stays_a_problem(sealed, superuser):
    [event] = sealed.write()
    superuser("DELETE FROM audit_auditevent WHERE tenant_id = %(tenant)s AND id = %(id)s",
              id=event.id)  # fmt: skip

    before = sealed.problems()
    sealed.seal()
    sealed.seal()

    assert before == [(None, "removed")]
    assert sealed.problems() == [(13, "removed")]
    assert AuditDue.objects.filter(tenant_id=sealed.tenant.id).count() == 0


def test_event_taken_off_the_due_list_is_found(sealed, superuser):
    sealed.write()
    superuser("DELETE FROM audit_due WHERE tenant_id = %(tenant)s")

    sealed.seal()

    assert sealed.problems() == [(None, "inserted")]


def test_segment_removed_as_if_its_term_had_passed_is_found(sealed, superuser):
    superuser("DELETE FROM audit_auditevent WHERE tenant_id = %(tenant)s AND id IN"
              " (SELECT id FROM audit_auditseal WHERE sequence < 5)")  # fmt: skip
    superuser("DELETE FROM audit_auditseal WHERE tenant_id = %(tenant)s AND sequence < 5")
    superuser("UPDATE audit_auditcheckpoint SET retired_at = now(), retirement = '\\x00'"
              " WHERE tenant_id = %(tenant)s AND number = 1")  # fmt: skip

    assert sealed.problems() == [(1, "removed")]


def test_from_a_sequence_on_only_what_follows_is_looked_at(sealed, superuser):
    for sequence in (2, 10):
        superuser(f"UPDATE audit_auditevent SET outcome = 'denied' WHERE {EVENT_AT}",
                  sequence=sequence)  # fmt: skip

    assert sealed.problems() == [(2, "edited"), (10, "edited")]
    assert sealed.problems(start=4) == [(2, "edited"), (10, "edited")]
    assert sealed.problems(start=5) == [(10, "edited")]
    assert sealed.verify(start=5).events == 8


def test_problems_are_bounded(sealed, superuser, monkeypatch):
    monkeypatch.setattr("apps.audit.domain.verification.MOST_PROBLEMS", 3)
    superuser("UPDATE audit_auditevent SET outcome = 'denied' WHERE tenant_id = %(tenant)s")

    assert sealed.problems() == [(1, "edited"), (2, "edited"), (3, "edited")]


def test_other_tenants_are_not_touched_by_it(sealed, superuser, committed_db):
    superuser("UPDATE audit_auditevent SET outcome = 'denied' WHERE tenant_id = %(tenant)s")
    other = Trail.of(create_tenant(name="Another", by=SYSTEM))
    other.seal()

    assert other.problems() == []
