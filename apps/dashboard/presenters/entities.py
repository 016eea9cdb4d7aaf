"""Entities: their lists and the page of one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse

from apps.dashboard.presenters import text
from apps.dashboard.presenters.memories import PLURALS
from apps.dashboard.presenters.parts import Choice, Figure, StateKind
from apps.memories.enums import EntityFlag, EntityKind

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from apps.memories.models import Entity
    from apps.memories.queries.entities import EntitySize

LAST_USE, SIZE = "use", "size"
PAGE_SIZE = 100


@dataclass(frozen=True, slots=True)
class EntityRow:
    href: str
    kind: str
    external_id: str
    memories: int
    last_used_at: datetime
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Listing:
    """One tab of entities: a page in some order, or what was found by id."""

    kind: EntityKind
    tabs: tuple[Choice, ...]
    rows: tuple[EntityRow, ...]
    order: str = LAST_USE
    page: int = 1
    total: int = 0
    text: str = ""

    @property
    def heading(self) -> str:
        return PLURALS[self.kind]

    @property
    def many(self) -> str:
        return self.heading.lower()

    @property
    def href(self) -> str:
        return reverse("dashboard:entity-list", args=[self.kind])

    @property
    def is_found(self) -> bool:
        return bool(self.text)

    @property
    def find_label(self) -> str:
        return f"Find {self.many} by id or part of it"

    @property
    def caption(self) -> str:
        orders = {LAST_USE: "last used first", SIZE: "most memories first"}
        return f"{self.heading}, {orders[self.order]}"

    @property
    def use_href(self) -> str:
        return self.ordered(LAST_USE, 1)

    @property
    def size_href(self) -> str:
        return self.ordered(SIZE, 1)

    @property
    def use_direction(self) -> str:
        return "descending" if self.order == LAST_USE and not self.is_found else ""

    @property
    def size_direction(self) -> str:
        return "descending" if self.order == SIZE and not self.is_found else ""

    def ordered(self, order: str, page: int) -> str:
        asked = {"order": order} | ({"page": page} if page > 1 else {})
        return f"{self.href}?{urlencode(asked)}"

    @property
    def back(self) -> str:
        return self.ordered(self.order, self.page - 1) if self.page > 1 else ""

    @property
    def on(self) -> str:
        has_more = not self.is_found and self.page * PAGE_SIZE < self.total
        return self.ordered(self.order, self.page + 1) if has_more else ""

    @property
    def back_label(self) -> str:
        return f"Previous {PAGE_SIZE}"

    @property
    def on_label(self) -> str:
        return f"Next {PAGE_SIZE}"

    @property
    def note(self) -> str:
        if self.is_found:
            return f"{text.counted(len(self.rows), self.kind.value)} found"
        first = (self.page - 1) * PAGE_SIZE + 1
        last = first + len(self.rows) - 1
        return (
            f"{text.number(first)} to {text.number(last)} of {text.number(self.total)} {self.many}"
        )

    @property
    def empty_heading(self) -> str:
        return "Nothing found" if self.is_found else f"No {self.many} yet"

    @property
    def empty_sentence(self) -> str:
        if self.is_found:
            return f"No {self.kind.value} of this tenant has an id with these characters."
        article = (
            "an" if self.kind.value[0] in "aeiou" and self.kind is not EntityKind.USER else "a"
        )
        return f"They appear with the first memory that has {article} {self.kind.value}_id."


FLAGS: dict[EntityFlag, StateKind] = {
    EntityFlag.RESTRICTED: "held",
    EntityFlag.OBJECTED: "held",
    EntityFlag.HELD: "held",
    EntityFlag.ERASING: "running",
}


@dataclass(frozen=True, slots=True)
class EntityPage:
    id: UUID
    kind: str
    kinds: str
    external_id: str
    href: str
    list_href: str
    key_state: StateKind
    key_words: str
    figures: tuple[Figure, ...]
    memories: int
    flags: tuple[tuple[StateKind, str], ...]
    is_held: bool
    is_erasing: bool

    @property
    def kind_label(self) -> str:
        return self.kind.capitalize()

    @property
    def reveal_href(self) -> str:
        return reverse("dashboard:entity-reveal", args=[self.id])

    @property
    def search_label(self) -> str:
        return f"Search the memories of this {self.kind}"


@dataclass(frozen=True, slots=True)
class EntityFacts:
    memories: int
    first: datetime | None
    last: datetime | None


def entity_tabs(current: EntityKind, counts: Mapping[EntityKind, int]) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            PLURALS[kind],
            reverse("dashboard:entity-list", args=[kind]),
            kind is current,
            counts.get(kind, 0),
        )
        for kind in EntityKind
    )


def entity_row(size: EntitySize) -> EntityRow:
    entity = size.entity
    return EntityRow(
        href=reverse("dashboard:entity-detail", args=[entity.id]),
        kind=entity.kind,
        external_id=entity.external_id,
        memories=size.memories,
        last_used_at=entity.last_used_at,
        created_at=entity.created_at,
    )


def entity_page(entity: Entity, facts: EntityFacts) -> EntityPage:
    kind = EntityKind(entity.kind)
    return EntityPage(
        id=entity.id,
        memories=facts.memories,
        kind=kind.value,
        kinds=PLURALS[kind],
        external_id=entity.external_id,
        href=reverse("dashboard:entity-detail", args=[entity.id]),
        list_href=reverse("dashboard:entity-list", args=[kind]),
        key_state="done",
        key_words="key present",
        figures=entity_figures(entity, facts),
        flags=tuple((FLAGS[flag], flag.value) for flag in entity.flags),
        is_held=entity.held_at is not None,
        is_erasing=entity.erasing_at is not None,
    )


def entity_figures(entity: Entity, facts: EntityFacts) -> tuple[Figure, ...]:
    return (
        Figure("Memories", text.number(facts.memories)),
        Figure("First memory", text.day(facts.first) if facts.first else "none"),
        Figure("Last memory", text.day(facts.last) if facts.last else "none"),
        Figure("First seen", text.day(entity.created_at)),
        Figure("Last use", text.stamp(entity.last_used_at)),
        Figure("Speakers", text.number(len(entity.speakers or ()))),
    )
