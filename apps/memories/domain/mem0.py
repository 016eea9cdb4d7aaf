"""Bringing in what a mem0 has kept, batch by batch, so that a run that was cut short goes on."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from apps.common.actor import Actor
from apps.common.errors import DomainError, Unavailable
from apps.memories.domain.importing import KnownMemory, find_present, import_memories
from apps.memories.mem0.rows import Row, Source, make_id, make_known


@dataclass(slots=True)
class Counts:
    """What became of the memories that were read. In a dry run `stored` is what would be tried."""

    held: int = 0  # by the source, when all was read
    read: int = 0
    stored: int = 0
    present: int = 0  # here before, by their ids
    repeated: int = 0  # the same text of the same entities is here under another id
    found: int = 0  # of the ids that were read, here in the end
    refused: Counter[str] = field(default_factory=Counter)  # by the reason

    def list_differences(self) -> list[str]:
        """Where the counts don't add up, as sentences."""
        ended = self.stored + self.present + self.repeated + self.refused.total()
        kept = self.stored + self.present
        pairs = (
            (self.read, self.held, "{} were read, but the source holds {}"),
            (ended, self.read, "{} are accounted for, but {} were read"),
            (self.found, kept, "{} are found here, but {} should be"),
        )
        return [words.format(mine, other) for mine, other, words in pairs if mine != other]


def import_mem0(
    *,
    tenant_id: UUID,
    source: Source,
    is_dry: bool = False,
    tell: Callable[[str], None],
    by: Actor,
) -> Counts:
    """Bring ids, texts, metadata, times and versions; texts are embedded anew.

    What is here already is left as it is: a second run adds nothing. What can't be stored is
    counted by its reason, and passed over. Outside any scope; the source's errors are raised, and
    whatever was stored until then stays.
    """
    counts, total = Counts(), source.count()
    for rows in source.read():
        _import_rows(tenant_id, source, rows, counts, is_dry=is_dry, by=by)
        tell(f"{counts.read:,} of {total:,} read, {counts.stored:,} stored")
    counts.held = source.count()
    return counts


def _import_rows(
    tenant_id: UUID, source: Source, rows: Sequence[Row], counts: Counts, *, is_dry: bool, by: Actor
) -> None:
    ids = {row.id: make_id(row.id) for row in rows}
    present = find_present(tenant_id=tenant_id, ids=ids.values())
    fresh = [row for row in rows if ids[row.id] not in present]
    counts.read += len(rows)
    counts.present += len(rows) - len(fresh)
    known = _read_known(source, fresh, counts)
    if is_dry:
        counts.stored += len(known)
        counts.found += len(present) + len(known)
        return
    _store(tenant_id, known, counts, by)
    counts.found += len(find_present(tenant_id=tenant_id, ids=ids.values()))


def _read_known(source: Source, rows: Sequence[Row], counts: Counts) -> list[KnownMemory]:
    changes = source.read_changes([row.id for row in rows])
    known = []
    for row in rows:
        try:
            known.append(make_known(row, changes.get(row.id, ())))
        except DomainError as error:
            counts.refused[error.detail] += 1
    return known


def _store(tenant_id: UUID, known: Sequence[KnownMemory], counts: Counts, by: Actor) -> None:
    """In halves where one is refused, until it stands alone: a blocked id, a person's objection."""
    if not known:
        return
    try:
        added = import_memories(tenant_id=tenant_id, known=known, by=by)
    except Unavailable:
        raise
    except DomainError as error:
        if len(known) == 1:
            counts.refused[error.detail] += 1
            return
        middle = len(known) // 2
        _store(tenant_id, known[:middle], counts, by)
        _store(tenant_id, known[middle:], counts, by)
    else:
        counts.stored += added
        counts.repeated += len(known) - added
