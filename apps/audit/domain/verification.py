"""Does the trail stand as it was sealed? Names the first event that does not, and by what it shows.

It goes segment by segment, so it holds one segment at a time and can stop and go on.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from uuid import UUID

from django.db.models import Exists, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.audit.actions import Action
from apps.audit.canonical import START, checkpoint_bytes, hash_checkpoint, retirement_bytes
from apps.audit.domain.details import list_wrong_details
from apps.audit.domain.sealing import make_leaf
from apps.audit.domain.signing import PublicKeys, is_signed
from apps.audit.enums import Work
from apps.audit.merkle import compute_root
from apps.audit.models import AuditCheckpoint, AuditDue, AuditEvent, AuditSeal
from apps.isolation.scope import current_tenant_id, tenant_scope

MOST_PROBLEMS = 100
MOST_COMPARED = 30  # events of one segment that stand wrong, each with the places of the others

Anchors = Mapping[int, str]  # hashes of checkpoints that are kept outside, by number
NOTHING: Anchors = MappingProxyType({})


class Kind(StrEnum):
    """What was done to an event, and the control that shows it."""

    EDITED = "edited"  # its leaf is another
    REORDERED = "reordered"  # its leaf is that of another place
    REMOVED = "removed"  # there is a place, or an item of the due-list, and no event
    INSERTED = "inserted"  # there is an event and no place
    REHASHED = "rehashed"  # leaves and events agree, the signed root does not
    FORGED = "forged"  # the checkpoint's signature or its link to the one before is wrong
    TRUNCATED = "truncated"  # a checkpoint that the chain or an anchor knows is not there
    DETAILS = "details"  # what is kept apart is not what was digested


@dataclass(frozen=True, slots=True)
class Problem:
    """`sequence` is None for an event that has no place."""

    sequence: int | None
    kind: Kind


@dataclass(slots=True)
class Verification:
    """How far it got. Everything in it can be written down, to go on later."""

    start: int = 1  # the first sequence to look at
    number: int = 0  # of the last checkpoint that was looked at
    last: int = 0  # its last sequence
    previous: str = START.hex()  # its hash
    events: int = 0
    unsealed: int = 0
    is_done: bool = False
    problems: list[Problem] = field(default_factory=list)

    def report(self, sequence: int | None, kind: Kind) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(Problem(sequence, kind))


def verify_trail(
    *, tenant_id: UUID, keys: PublicKeys, anchors: Anchors = NOTHING, start: int = 1
) -> Verification:
    """All of a tenant's trail from the segment on that holds this sequence. Outside any scope."""
    check = Verification(start)
    while not check.is_done:
        with tenant_scope(tenant_id):
            verify_segments(check, keys=keys, anchors=anchors)
    return check


def verify_segments(
    check: Verification, *, keys: PublicKeys, anchors: Anchors, count: int = 10
) -> None:
    """Look at the next `count` segments, in the open scope; after the last one at what is left."""
    if check.number == 0 and check.start > 1:
        _skip_to_start(check)
    following = AuditCheckpoint.objects.filter(number__gt=check.number).order_by("number")
    checkpoints = list(following[:count])
    for checkpoint in checkpoints:
        _verify_checkpoint(check, checkpoint, keys, anchors)
    if len(checkpoints) < count:
        _verify_rest(check, anchors)
        check.is_done = True


def _skip_to_start(check: Verification) -> None:
    before = AuditCheckpoint.objects.filter(last__lt=check.start).order_by("-number").first()
    if before:
        _go_past(check, before)


def _go_past(check: Verification, checkpoint: AuditCheckpoint) -> None:
    check.number, check.last = checkpoint.number, checkpoint.last
    check.previous = hash_checkpoint(checkpoint).hex()


def _verify_checkpoint(
    check: Verification, checkpoint: AuditCheckpoint, keys: PublicKeys, anchors: Anchors
) -> None:
    before = len(check.problems)
    has_gap = checkpoint.number != check.number + 1
    if has_gap:
        check.report(check.last + 1, Kind.TRUNCATED)
    if not _is_signed(checkpoint, keys) or not (has_gap or _is_linked(check, checkpoint)):
        check.report(checkpoint.first, Kind.FORGED)
    _go_past(check, checkpoint)
    if anchors.get(checkpoint.number, check.previous) != check.previous:
        check.report(checkpoint.first, Kind.FORGED)
    if checkpoint.retired_at:
        _verify_retirement(check, checkpoint, checkpoint.retired_at, keys)
    else:
        _verify_events(check, checkpoint, is_clean=len(check.problems) == before)


def _is_signed(checkpoint: AuditCheckpoint, keys: PublicKeys) -> bool:
    message, signature = checkpoint_bytes(checkpoint), bytes(checkpoint.signature)
    return is_signed(message, signature, key=keys.get(checkpoint.key_id))


def _is_linked(check: Verification, checkpoint: AuditCheckpoint) -> bool:
    is_next = checkpoint.first == check.last + 1
    return is_next and bytes(checkpoint.previous).hex() == check.previous


def _verify_retirement(
    check: Verification, checkpoint: AuditCheckpoint, at: datetime, keys: PublicKeys
) -> None:
    message, signature = retirement_bytes(checkpoint, at), bytes(checkpoint.retirement or b"")
    if not any(is_signed(message, signature, key=key) for key in keys.values()):
        check.report(checkpoint.first, Kind.REMOVED)


def _verify_events(check: Verification, checkpoint: AuditCheckpoint, *, is_clean: bool) -> None:
    seals = {seal.sequence: seal for seal in _seals_of(checkpoint)}
    found = AuditEvent.objects.filter(id__in=[seal.id for seal in seals.values()])
    events = {event.id: event for event in found}
    wrong = []
    for sequence in range(checkpoint.first, checkpoint.last + 1):
        seal = seals.get(sequence)
        event = events.get(seal.id) if seal else None
        if seal is None or event is None:
            check.report(sequence, Kind.REMOVED)
            is_clean = False
        elif make_leaf(event, sequence) != bytes(seal.leaf):
            wrong.append((seal, event))
        elif event.action == Action.AUDIT_EVENT_MISSING:
            check.report(sequence, Kind.REMOVED)
    check.events += len(events)
    _classify(check, wrong)
    if is_clean and not wrong:
        _verify_root(check, checkpoint, [bytes(seal.leaf) for seal in seals.values()])
    places = {seal.id: seal.sequence for seal in seals.values()}
    for event_id in list_wrong_details(events.values()):
        check.report(places[event_id], Kind.DETAILS)


def _seals_of(checkpoint: AuditCheckpoint) -> "QuerySet[AuditSeal]":
    places = (checkpoint.first, checkpoint.last)
    return AuditSeal.objects.filter(sequence__range=places).order_by("sequence")


def _classify(check: Verification, wrong: Sequence[tuple[AuditSeal, AuditEvent]]) -> None:
    """An event whose leaf belongs to another place, or that stands at another's, was moved."""
    compared = wrong[:MOST_COMPARED]
    places = [seal.sequence for seal, _ in compared]
    moved = {make_leaf(event, place) for _, event in compared for place in places}
    for seal, _ in wrong:
        is_moved = bytes(seal.leaf) in moved
        check.report(seal.sequence, Kind.REORDERED if is_moved else Kind.EDITED)


def _verify_root(check: Verification, checkpoint: AuditCheckpoint, leaves: Sequence[bytes]) -> None:
    if compute_root(leaves) != bytes(checkpoint.root):
        check.report(checkpoint.first, Kind.REHASHED)


def _verify_rest(check: Verification, anchors: Anchors) -> None:
    """What stands outside of the segments: what waits, and what should not be there."""
    due = AuditDue.objects.filter(work=Work.SEAL, tenant_id=current_tenant_id())
    check.unsealed = due.count()
    if check.number == 0 and check.unsealed == 0:  # the tenant's own making is an event
        check.report(1, Kind.TRUNCATED)
    if max(anchors, default=0) > check.number:
        check.report(check.last + 1, Kind.TRUNCATED)
    for sequence in _seals_without_checkpoint():
        check.report(sequence, Kind.INSERTED)
    for _ in _events_without_place(due):
        check.report(None, Kind.INSERTED)
    event = AuditEvent.objects.filter(id=OuterRef("item_id"))
    for _ in due.filter(~Exists(event)).values_list("item_id")[:MOST_PROBLEMS]:
        check.report(None, Kind.REMOVED)


def _seals_without_checkpoint() -> Iterable[int]:
    """Each of these is one statement, so that the sealer may go on meanwhile."""
    last = AuditCheckpoint.objects.order_by().values("tenant_id").annotate(end=Max("last"))
    beyond = AuditSeal.objects.filter(sequence__gt=Coalesce(Subquery(last.values("end")), 0))
    return beyond.order_by("sequence").values_list("sequence", flat=True)[:MOST_PROBLEMS]


def _events_without_place(due: "QuerySet[AuditDue]") -> Iterable[UUID]:
    seal = AuditSeal.objects.filter(id=OuterRef("id"))
    events = AuditEvent.objects.filter(~Exists(seal), ~Exists(due.filter(item_id=OuterRef("id"))))
    return events.values_list("id", flat=True)[:MOST_PROBLEMS]
