"""What stands around every page: tenant switch, nav, proofs, theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from apps.dashboard.presenters.text import initials
from apps.telemetry.queries import is_enabled
from apps.tenants.rules import Permission, is_allowed

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
    finding: str


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

    @property
    def room(self) -> str:
        """The room this page belongs to; empty where it belongs to none."""
        rooms = (room for group in self.groups for room in group.rooms)
        return next((room.label for room in rooms if room.is_current), "")


@dataclass(frozen=True, slots=True)
class Door:
    """A room as the nav knows it. `names` begin the URL names of the room's pages."""

    label: str
    url: str
    permission: Permission
    names: tuple[str, ...]
    key: str = ""


DOORS = (
    (
        "",
        (
            Door("Overview", "dashboard:overview", Permission.OVERVIEW_VIEW, ("overview",), "O"),
            Door(
                "Entities",
                "dashboard:entity-list",
                Permission.ENTITY_VIEW,
                ("entity", "memory"),
                "E",
            ),
        ),
    ),
    (
        "Tenant",
        (Door("Outbound hosts", "dashboard:host-list", Permission.HOSTS_VIEW, ("host",)),),
    ),
    (
        "Instance",
        (
            Door(
                "Telemetry",
                "dashboard:telemetry",
                Permission.TELEMETRY_MANAGE,
                ("telemetry",),
            ),
            Door(
                "Components",
                "dashboard:component-list",
                Permission.COMPONENTS_VIEW,
                ("component",),
            ),
        ),
    ),
)

PROOFS = (
    Proof("Audit trail", "off", "not sealed yet"),
    Proof("Isolation", "off", "not checked yet"),
)
"""Nothing is proved before the checks exist. What is not checked never gets a tick."""


def list_proofs() -> tuple[Proof, ...]:
    """One statement, none where the environment keeps telemetry off."""
    is_on = is_enabled()
    state: StateKind = "outside" if is_on else "off"
    return (*PROOFS, Proof("Telemetry", state, "on" if is_on else "off"))


def build_shell(request: Any) -> Shell | None:
    """None where there is no operator with a tenant: those pages stand alone."""
    if not getattr(request, "membership", None):
        return None
    return Shell(
        tenant=request.tenant.name,
        tenants=tuple(
            TenantChoice(str(one.tenant_id), one.tenant.name, one.tenant_id == request.tenant.id)
            for one in request.memberships
        ),
        groups=tuple(group for group in list_groups(request) if group.rooms),
        proofs=list_proofs(),
        operator=request.user.email,
        initials=initials(request.user.name or request.user.email),
    )


def list_groups(request: Any) -> list[RoomGroup]:
    name = request.resolver_match.url_name if request.resolver_match else ""
    role = request.membership.role
    return [
        RoomGroup(
            label,
            tuple(
                Room(door.label, reverse(door.url), door.key, name.startswith(door.names))
                for door in doors
                if is_allowed(door.permission, operator=request.user, role=role)
            ),
        )
        for label, doors in DOORS
    ]
