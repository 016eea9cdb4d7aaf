"""What stands around every page: tenant switch, nav, proofs, theme."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from apps.audit.domain.checks import read_state
from apps.audit.queries import get_last_check
from apps.dashboard.presenters.text import axis_day, counted, initials
from apps.isolation.scope import tenant_scope
from apps.operations.queries import get_last_verdict
from apps.telemetry.queries import is_enabled
from apps.tenants.rules import OPEN_WHEN_CLOSED, Permission, is_allowed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

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
    """What was last proved. Whoever may not open its page sees it without a link."""

    label: str
    state: StateKind
    finding: str
    href: str = ""


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
    proofs: Callable[[], tuple[Proof, ...]]  # asked by the sidebar, which parts of pages lack
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
                "Memories",
                "dashboard:memory-list",
                Permission.MEMORY_VIEW,
                ("memory", "export-"),
                "M",
            ),
            Door(
                "Entities",
                "dashboard:entity-list",
                Permission.ENTITY_VIEW,
                ("entity", "purge"),
                "E",
            ),
            Door(
                "Playground",
                "dashboard:playground",
                Permission.PLAYGROUND_USE,
                ("playground",),
                "L",
            ),
            Door("Jobs", "dashboard:job-list", Permission.JOB_VIEW, ("job",), "J"),
            Door("Help", "dashboard:manual", Permission.MANUAL_VIEW, ("manual",)),
        ),
    ),
    (
        "Privacy",
        (
            Door("Requests", "dashboard:request-list", Permission.REQUEST_VIEW, ("request",), "R"),
            Door("Audit trail", "dashboard:audit-list", Permission.AUDIT_VIEW, ("audit",), "A"),
        ),
    ),
    (
        "Tenant",
        (
            Door("API keys", "dashboard:api-key-list", Permission.APIKEY_VIEW, ("api-key",), "K"),
            Door("Extraction", "dashboard:extraction", Permission.EXTRACTION_VIEW, ("extraction",)),
            Door("Webhooks", "dashboard:webhook-list", Permission.WEBHOOK_VIEW, ("webhook",), "W"),
            Door(
                "Operators", "dashboard:operator-list", Permission.OPERATOR_VIEW, ("operator",), "P"
            ),
            Door("Retention", "dashboard:retention", Permission.REQUEST_CONFIGURE, ("retention",)),
            Door("Hygiene", "dashboard:hygiene", Permission.HYGIENE_CONFIGURE, ("hygiene",), "Y"),
            Door("Outbound hosts", "dashboard:host-list", Permission.HOSTS_VIEW, ("host",)),
            Door("Erase tenant", "dashboard:tenant-erase", Permission.TENANT_ERASE, ("tenant-",)),
        ),
    ),
    (
        "Instance",
        (
            Door(
                "Tenants",
                "dashboard:instance-tenant-list",
                Permission.TENANT_GOVERN,
                ("instance-tenant",),
                "T",
            ),
            Door(
                "All operators",
                "dashboard:instance-operator-list",
                Permission.OPERATOR_GOVERN,
                ("instance-operator",),
            ),
            Door(
                "Instance audit trail",
                "dashboard:instance-audit-list",
                Permission.INSTANCE_AUDIT,
                ("instance-audit",),
            ),
            Door(
                "Isolation", "dashboard:isolation", Permission.ISOLATION_VIEW, ("isolation",), "I"
            ),
            Door("Health", "dashboard:health", Permission.HEALTH_VIEW, ("health",), "H"),
            Door(
                "Telemetry",
                "dashboard:telemetry",
                Permission.TELEMETRY_MANAGE,
                ("telemetry",),
            ),
            Door("Embeddings", "dashboard:vector-list", Permission.VECTORS_RENEW, ("vector",)),
            Door("About", "dashboard:about", Permission.ABOUT_VIEW, ("about",)),
            Door(
                "Components",
                "dashboard:component-list",
                Permission.COMPONENTS_VIEW,
                ("component",),
            ),
        ),
    ),
)


def build_shell(request: Any) -> Shell | None:
    """None where there is neither a tenant nor an instance to govern: those pages stand alone.

    No statement; some where the proofs are drawn.
    """
    if not getattr(request, "memberships", []) and not governs(request):
        return None
    membership = request.membership
    return Shell(
        tenant=request.tenant.name if membership else "No tenant",
        tenants=tuple(
            TenantChoice(str(one.tenant_id), one.tenant.name, one.tenant_id == request.tenant.id)
            for one in request.memberships
        ),
        groups=tuple(group for group in list_groups(request) if group.rooms),
        proofs=lambda: tuple(list_proofs(request)),
        operator=request.user.email,
        initials=initials(request.user.name or request.user.email),
    )


def governs(request: Any) -> bool:
    """An instance owner on a page of the dashboard; others are not within the shell."""
    return hasattr(request, "memberships") and getattr(request.user, "is_instance_owner", False)


def list_groups(request: Any) -> list[RoomGroup]:
    name = request.resolver_match.url_name if request.resolver_match else ""
    role = request.membership and request.membership.role
    is_closed = request.membership and request.tenant.closed_at
    return [
        RoomGroup(
            label,
            tuple(
                Room(door.label, reverse(door.url), door.key, name.startswith(door.names))
                for door in doors
                if is_allowed(door.permission, operator=request.user, role=role)
                and (not is_closed or door.permission in OPEN_WHEN_CLOSED)
            ),
        )
        for label, doors in DOORS
    ]


def list_proofs(request: Any) -> Iterator[Proof]:
    if request.membership:
        yield audit_proof(request)
    yield isolation_proof(request)
    yield telemetry_proof(request)


def audit_proof(request: Any) -> Proof:
    """The last verification that ended, of the chosen tenant's trail."""
    role = request.membership.role
    may_open = is_allowed(Permission.AUDIT_VIEW, operator=request.user, role=role)
    href = reverse("dashboard:audit-list") if may_open else ""
    with tenant_scope(request.tenant.id):
        check = get_last_check()
    if check is None or check.ended_at is None:
        return Proof("Audit trail", "off", "not verified yet", href)
    if problems := read_state(check.state).problems:
        return Proof("Audit trail", "failed", counted(len(problems), "problem"), href)
    return Proof("Audit trail", "done", f"verified {axis_day(check.ended_at)}", href)


def isolation_proof(request: Any) -> Proof:
    may_open = is_allowed(Permission.ISOLATION_VIEW, operator=request.user, role=None)
    href = reverse("dashboard:isolation") if may_open else ""
    verdict = get_last_verdict()
    if verdict is None:
        return Proof("Isolation", "off", "not proved yet", href)
    word = "proved" if verdict.is_ok else "failed"
    state: StateKind = "done" if verdict.is_ok else "failed"
    return Proof("Isolation", state, f"{word} {axis_day(verdict.proved_at)}", href)


def telemetry_proof(request: Any) -> Proof:
    """Whether anything may leave now. No statement where the environment keeps telemetry off."""
    may_open = is_allowed(Permission.TELEMETRY_MANAGE, operator=request.user, role=None)
    href = reverse("dashboard:telemetry") if may_open else ""
    is_on = is_enabled()
    return Proof("Telemetry", "outside" if is_on else "off", "on" if is_on else "off", href)
