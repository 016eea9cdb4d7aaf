"""What is kept no longer: memories past their expiration date, entities past a term of the tenant.

Both go the way of every erasure. What is under a legal hold or a restriction stays.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import Invalid
from apps.isolation.scope import current_tenant_id, tenant_scope
from apps.memories.domain.deletion import destroy
from apps.memories.domain.journal import prepare_journal
from apps.memories.enums import EntityFlag, EntityKind
from apps.memories.flags import KEEPING, is_flagged
from apps.memories.models import Entity, Memory
from apps.privacy.domain.list_exports import drop_list_exports
from apps.privacy.domain.orders import order_erasure
from apps.privacy.enums import OPEN, RequestKind, Since, Via, Work
from apps.privacy.models import Particulars, PrivacyDue, Request
from apps.tenants.models import Tenant

if TYPE_CHECKING:
    from django.db.models import QuerySet

CHUNK = 500
MOST_ERASURES = 200  # of a tenant that one run orders; the next run goes on
LONGEST_DAYS = 36_500
EVERY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Term:
    """How long entities of a kind are kept."""

    days: int
    since: Since


Terms = Mapping[EntityKind, Term]


@dataclass(frozen=True, slots=True)
class Expired:
    """What is past its date or term now."""

    memories: int
    entities: Mapping[EntityKind, int]
    kept: int
    """Memories and entities that a hold or a restriction keeps all the same."""


def read_terms() -> Terms:
    """The scope's tenant's; a kind without a term is kept until it is erased."""
    row = Particulars.objects.first()
    found = row.terms if row else {}
    return {
        EntityKind(kind): Term(term["days"], Since(term["since"])) for kind, term in found.items()
    }


def change_terms(*, terms: Terms, by: Actor) -> None:
    """Replace all, in the open scope. They act with the next run. Refuses what is no term."""
    for kind, term in terms.items():
        if not 1 <= term.days <= LONGEST_DAYS:
            raise Invalid(f"A term has 1 to {LONGEST_DAYS} days.", field=f"{kind}_days")
    row = Particulars.objects.first() or Particulars()
    row.terms = {kind.value: {"days": one.days, "since": one.since} for kind, one in terms.items()}
    row.save()
    record(Action.RETENTION_CONFIGURE, by=by, target_id=current_tenant_id(), kinds=len(terms))


def find_expired(terms: Terms) -> Expired:
    """Counts of what a run would remove now, in the open scope; nothing is changed."""
    now = timezone.now()
    memories, entities = (
        _find_memories(now),
        {kind: _find_entities(kind, term, now) for kind, term in terms.items()},
    )
    kept = memories.filter(is_flagged(*KEEPING)).count()
    kept += sum(rows.filter(_is_kept()).count() for rows in entities.values())
    return Expired(
        memories=memories.exclude(is_flagged(*KEEPING)).count(),
        entities={kind: rows.exclude(_is_kept()).count() for kind, rows in entities.items()},
        kept=kept,
    )


def run_retention(
    *, tenant_id: UUID, goes_on: Callable[[], bool] = lambda: True, by: Actor
) -> tuple[int, int]:
    """Destroy expired memories, and order the erasure of entities, while `goes_on`.

    Answers how many of each. Memories go in chunks; erasures are requests that workers run, at most
    MOST_ERASURES at once. Call outside any scope.
    """
    prepare_journal()
    memories = 0
    while goes_on() and (count := _destroy_some(tenant_id, by)):
        memories += count
    with tenant_scope(tenant_id):
        entities = 0
        for entity in _list_entities():
            order_erasure(entity=entity, via=Via.SCHEDULE, by=by)
            entities += 1
        if memories or entities:
            record(
                Action.RETENTION_RUN,
                by=by,
                target_id=tenant_id,
                memories=memories,
                entities=entities,
            )
    return memories, entities


def sweep_retention(*, goes_on: Callable[[], bool], by: Actor) -> int:
    """Visit each tenant once a day, by the due-list; answers how many. Outside any scope."""
    now = timezone.now()
    known = PrivacyDue.objects.filter(work=Work.RETAIN)
    for tenant_id in (
        Tenant.objects.listed()
        .exclude(id__in=known.values("tenant_id"))
        .values_list("id", flat=True)
    ):
        PrivacyDue.objects.get_or_create(
            work=Work.RETAIN, tenant_id=tenant_id, item_id=tenant_id, defaults={"at": now}
        )
    visited = 0
    for due in known.filter(at__lte=now).order_by("at"):
        if not goes_on():
            break
        run_retention(tenant_id=due.tenant_id, goes_on=goes_on, by=by)
        if goes_on():
            PrivacyDue.objects.filter(id=due.id).update(at=now + EVERY)
            visited += 1
    return visited


def _destroy_some(tenant_id: UUID, by: Actor) -> int:
    with tenant_scope(tenant_id):
        rows = _find_memories(timezone.now()).exclude(is_flagged(*KEEPING))
        some = list(rows.order_by("id").values_list("id", flat=True)[:CHUNK])
        held = Memory.objects.live().filter(id__in=some).order_by("id").select_for_update()
        ids = list(held.values_list("id", flat=True))
        if ids:
            destroy(ids)
            drop_list_exports(by=by)
            record(Action.MEMORY_DELETE, by=by, deleted=len(ids))
        return len(ids)


def _list_entities() -> Iterator[Entity]:
    """Those whose erasure is to be ordered now, in the open scope."""
    left, now = MOST_ERASURES, timezone.now()
    for kind, term in read_terms().items():
        rows = _find_entities(kind, term, now).exclude(_is_kept()).order_by("id")
        for entity in rows[:left]:
            left -= 1
            yield entity


def _find_memories(now: datetime) -> "QuerySet[Memory]":
    return Memory.objects.live().filter(expires_on__lt=now.date())


def _find_entities(kind: EntityKind, term: Term, now: datetime) -> "QuerySet[Entity]":
    """Without those whose erasure is asked for already."""
    column = "last_used_at" if term.since == Since.USE else "created_at"
    asked = Request.objects.filter(
        subject_id=OuterRef("id"), kind=RequestKind.ERASURE, state__in=OPEN
    )
    past = {f"{column}__lt": now - timedelta(days=term.days)}
    return Entity.objects.filter(~Exists(asked), kind=kind, erasing_at=None, **past)


def _is_kept() -> Q:
    assert KEEPING == (EntityFlag.HELD, EntityFlag.RESTRICTED)
    return Q(held_at__isnull=False) | Q(restricted_at__isnull=False)
