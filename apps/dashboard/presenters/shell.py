"""What stands around every page: tenant switch, nav, proofs, theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from apps.dashboard.presenters.parts import StateKind


@dataclass(frozen=True, slots=True)
class Room:
    """A line of the nav. `key` follows G on the keyboard."""

    label: str
    href: str
    key: str = ""
    is_current: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class RoomGroup:
    label: str
    rooms: tuple[Room, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    label: str
    state: StateKind
    words: str


@dataclass(frozen=True, slots=True)
class TenantChoice:
    id: str
    name: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Shell:
    tenant: str
    tenants: tuple[TenantChoice, ...]
    groups: tuple[RoomGroup, ...]
    proofs: tuple[Proof, ...]
    operator: str
    initials: str
