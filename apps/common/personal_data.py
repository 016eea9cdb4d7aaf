"""What the columns of a model hold of people. Every model says so, in one place of its own:

    class Message(TenantOwned):
        class PersonalData(TenantOwned.PersonalData):
            whose = OfEntities("key_owner")
            text = PROVIDED
            state = OURS

`whose` says whose a row is; each column says where it comes from, in which copies it is handed out
and what an erasure does with it. Export and erasure are driven by this, and so is
docs/data-inventory.md. A test fails where a column is missing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any


class Source(StrEnum):
    """Where the column's value comes from."""

    NOBODY = "not personal"
    PROVIDED = "provided"  # by the person, or by the application for them
    OBSERVED = "observed"  # what was done, and when
    DERIVED = "derived"  # computed from the others
    OPERATOR = "of an operator"  # who signs in to the dashboard


class Copies(StrEnum):
    """Which copies for the person hold it."""

    BOTH = "access, portability"
    ACCESS = "access"
    DESCRIBED = "described only"  # numbers that say nothing to a person: the copy says they exist
    NONE = "none"


class Fate(StrEnum):
    """What an erasure does with it."""

    DELETED = "deleted"  # with its row
    BLANKED = "blanked"  # the row stays
    REDACTED = "redacted"  # by the audit trail's own door
    DESTROYED = "destroyed"  # a key
    KEPT = "kept"


@dataclass(frozen=True, slots=True)
class Column:
    """The class of one column. What is kept though it is personal has a reason."""

    source: Source
    copies: Copies = Copies.NONE
    fate: Fate = Fate.DELETED
    reason: str = ""

    @property
    def is_personal(self) -> bool:
        return self.source != Source.NOBODY

    def kept(self, reason: str) -> "Column":
        return replace(self, fate=Fate.KEPT, reason=reason)

    def handed_on(self) -> "Column":
        """In both copies: another instance needs it to recall as well as this one."""
        return replace(self, copies=Copies.BOTH)

    def to_be(self, fate: Fate) -> "Column":
        return replace(self, fate=fate)


OURS = Column(Source.NOBODY)
"""Our own ids, states, counts and the machine's times: nothing of a person."""
PROVIDED = Column(Source.PROVIDED, Copies.BOTH)
OBSERVED = Column(Source.OBSERVED, Copies.BOTH)
LOGGED = Column(Source.OBSERVED, Copies.ACCESS)
INFERRED = Column(Source.DERIVED, Copies.ACCESS)
COMPUTED = Column(Source.DERIVED, Copies.DESCRIBED)
"""Embeddings, keyed tokens, digests."""
OPERATOR = Column(Source.OPERATOR, fate=Fate.KEPT, reason="an operator's, until they are removed")


@dataclass(frozen=True, slots=True)
class Nobodys:
    """No row is about a person whom memories are kept about."""

    reason: str


@dataclass(frozen=True, slots=True)
class OfEntities:
    """A row belongs to each entity that one of these columns names.

    Columns named after the kinds of entities hold only their kind. `id` is for a row that shares
    its entity's.
    """

    columns: tuple[str, ...]

    def __init__(self, *columns: str) -> None:
        object.__setattr__(self, "columns", columns)


@dataclass(frozen=True, slots=True)
class PartOf:
    """A row belongs to whom the row belongs that this column refers to, in the named model."""

    column: str
    whole: str  # e.g. memories.Memory


Whose = Nobodys | OfEntities | PartOf

WHOSE = "whose"


class Classified:
    """Base of the classes named PersonalData."""

    whose: Whose


def columns_of(declared: type) -> Mapping[str, Column]:
    """The columns that a PersonalData class names, its bases' included."""
    found: dict[str, Any] = {}
    for base in reversed(declared.__mro__):
        found |= {name: value for name, value in vars(base).items() if isinstance(value, Column)}
    return found
