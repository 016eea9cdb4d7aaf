"""What a proof of isolation found."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from apps.isolation.row_security import Role, Table, find_role_faults


class Wall(StrEnum):
    """What holds an attack, if it is held. Each wall is tried alone, then all together."""

    CONTROL = "control"  # what a proof would be worth nothing without
    ROW_FILTERS = "row filters"
    POLICIES = "row-level security"
    REFERENCES = "foreign keys"
    DOMAIN = "domain functions"
    API = "API"


@dataclass(frozen=True, slots=True)
class Finding:
    """One attack: what was tried, which wall it was tried on, and what came of it."""

    name: str
    wall: Wall
    is_ok: bool
    detail: str

    def as_document(self) -> dict[str, Any]:
        return {"name": self.name, "wall": self.wall, "ok": self.is_ok, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Report:
    at: datetime
    role: Role
    tables: list[Table]
    attacks: list[Finding]

    @property
    def tried(self) -> int:
        return sum(attack.wall != Wall.CONTROL for attack in self.attacks)

    @property
    def role_faults(self) -> list[str]:
        return list(find_role_faults(self.role, self.tables))

    @property
    def failures(self) -> int:
        """Attacks that got through or could not be tried, and faults of the role and the tables."""
        faults = [*self.role_faults, *(fault for table in self.tables for fault in table.faults)]
        return len(faults) + sum(not attack.is_ok for attack in self.attacks)

    def as_document(self) -> dict[str, Any]:
        return {
            "ok": self.failures == 0,
            "at": self.at.isoformat(),
            "role": describe_role(self.role, self.role_faults),
            "tables": [describe_table(table) for table in self.tables],
            "attacks": [attack.as_document() for attack in self.attacks],
        }


def describe_role(role: Role, faults: list[str]) -> dict[str, Any]:
    return {
        "name": role.name,
        "login": role.login,
        "is_superuser": role.is_superuser,
        "can_bypass": role.can_bypass,
        "can_leave": role.can_leave,
        "ok": not faults,
        "faults": faults,
    }


def describe_table(table: Table) -> dict[str, Any]:
    return {
        "table": table.name,
        "is_forced": table.is_forced,
        "policies": table.policies,
        "rights": table.rights,
        "primary_key": table.primary_key,
        "ok": not table.faults,
        "faults": table.faults,
    }
