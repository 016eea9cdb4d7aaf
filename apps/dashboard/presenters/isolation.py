"""The isolation page: who serves, how each table is closed, and the last proof."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from apps.dashboard.presenters.parts import Figure
from apps.dashboard.presenters.text import counted
from apps.isolation.row_security import find_role_faults
from apps.operations.proof.report import Wall

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from apps.dashboard.presenters.parts import StateKind
    from apps.isolation.row_security import Role, Table
    from apps.operations.models import IsolationProof

COMMAND = "manage.py isolation_prove"
WALLS = {
    Wall.CONTROL: ("Controls", "without which a proof would show nothing"),
    Wall.ROW_FILTERS: ("Row filters", "the ORM alone, with the policies opened on purpose"),
    Wall.POLICIES: ("Row-level security", "PostgreSQL alone, by SQL past the ORM"),
    Wall.REFERENCES: ("Foreign keys", "PostgreSQL alone, by rows that point at the other tenant's"),
    Wall.DOMAIN: ("Domain functions", "all walls, as the API and this dashboard meet them"),
    Wall.API: ("API", "all walls, with a key of the attacking tenant"),
}


@dataclass(frozen=True, slots=True)
class AttackRow:
    name: str
    state: StateKind
    word: str
    detail: str


@dataclass(frozen=True, slots=True)
class AttackGroup:
    """The attacks on one wall."""

    heading: str
    note: str
    rows: tuple[AttackRow, ...]


@dataclass(frozen=True, slots=True)
class TableRow:
    name: str
    state: StateKind
    word: str
    policies: str
    rights: str
    primary_key: str


@dataclass(frozen=True, slots=True)
class LastProof:
    at: datetime
    is_ok: bool
    sentence: str
    figures: tuple[Figure, ...]
    groups: tuple[AttackGroup, ...]


@dataclass(frozen=True, slots=True)
class IsolationPage:
    """What stands now, and what the last proof found; the two may differ."""

    role: Role
    role_state: StateKind
    role_word: str
    owns_tables: bool
    tables: tuple[TableRow, ...]
    tables_note: str
    faults: tuple[str, ...]
    proof: LastProof | None
    command: str = COMMAND


def isolation_page(
    proof: IsolationProof | None, *, role: Role, tables: Sequence[Table]
) -> IsolationPage:
    role_faults = list(find_role_faults(role, tables))
    closed = sum(not table.faults for table in tables)
    return IsolationPage(
        role=role,
        role_state="failed" if role_faults else "done",
        role_word="not bound by the policies" if role_faults else "bound by the policies",
        owns_tables=any(table.is_owned for table in tables),
        tables=tuple(map(table_row, tables)),
        tables_note=f"{closed} of {len(tables)} as their migrations made them; read now",
        faults=(
            *(f"The serving role {role.name} {fault}" for fault in role_faults),
            *(f"{table.name}: {fault}" for table in tables for fault in table.faults),
        ),
        proof=last_proof(proof) if proof else None,
    )


def table_row(table: Table) -> TableRow:
    return TableRow(
        name=table.name,
        state="failed" if table.faults else "done",
        word=", ".join(table.faults) or "forced",
        policies=", ".join(table.policies) or "none",
        rights=", ".join(right.lower() for right in table.rights) or "nothing",
        primary_key=", ".join(table.primary_key) or "none",
    )


def last_proof(proof: IsolationProof) -> LastProof:
    attacks = proof.report["attacks"]
    return LastProof(
        at=proof.proved_at,
        is_ok=proof.is_ok,
        sentence=say_proved(proof),
        figures=tuple(wall_figures(attacks)),
        groups=tuple(attack_groups(attacks)),
    )


def say_proved(proof: IsolationProof) -> str:
    tried = counted(proof.attacks, "attack")
    if proof.is_ok:
        return f"{tried}, none reached another tenant's rows"
    return f"{tried}, {counted(proof.failures, 'failure')}"


def wall_figures(attacks: Sequence[dict[str, Any]]) -> Iterator[Figure]:
    """How many attacks each wall held."""
    for wall, (heading, _) in WALLS.items():
        held = [one["ok"] for one in attacks if one["wall"] == wall != Wall.CONTROL]
        if held:
            failed = held.count(False)
            note = f"{failed} not held" if failed else "attacks held"
            yield Figure(heading, f"{sum(held)} of {len(held)}", note=note)


def attack_groups(attacks: Sequence[dict[str, Any]]) -> list[AttackGroup]:
    """By wall. What was not held stands first, among the walls and on each."""
    by_wall = [
        (wall, sorted((one for one in attacks if one["wall"] == wall), key=is_held))
        for wall in WALLS
    ]
    found = [(wall, rows) for wall, rows in by_wall if rows]
    found.sort(key=lambda group: is_held(group[1][0]))
    return [AttackGroup(*WALLS[wall], tuple(map(attack_row, rows))) for wall, rows in found]


def is_held(attack: dict[str, Any]) -> bool:
    return bool(attack["ok"])


def attack_row(attack: dict[str, Any]) -> AttackRow:
    is_ok = attack["ok"]
    good = "passed" if attack["wall"] == Wall.CONTROL else "held"
    return AttackRow(
        name=attack["name"],
        state="done" if is_ok else "failed",
        word=good if is_ok else "not held",
        detail=attack["detail"],
    )
