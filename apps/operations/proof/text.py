"""A report as lines for a terminal."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Document = Mapping[str, Any]

ONE_LOGIN = (
    "Its login owns the tables and may take its own role back: grants bind only the application."
)


def write_report(report: Document) -> str:
    role = report["role"]
    return "\n".join(
        [
            f"Serving role {role['name']}: {describe_role(role)}.",
            *([ONE_LOGIN] if role["can_leave"] else []),
            "",
            *align(["", "TABLE", "ROW-LEVEL SECURITY", "GRANTS"], map(table_row, report["tables"])),
            "",
            *align(["", "WALL", "ATTACK", "FOUND"], map(attack_row, report["attacks"])),
            "",
            verdict(report),
        ]
    )


def describe_role(role: Document) -> str:
    parts = {
        "is_superuser": ("no superuser", "A SUPERUSER"),
        "bypasses_policies": ("bound by policies", "BYPASSES POLICIES"),
        "owns_tables": ("owns no tenant's table", "OWNS TENANTS' TABLES"),
    }
    return ", ".join(words[role[name]] for name, words in parts.items())


def table_row(table: Document) -> list[str]:
    return [mark(table), table["table"], describe_table(table), ", ".join(table["grants"])]


def describe_table(table: Document) -> str:
    faults = {
        "off": not table["is_enabled"],
        "not forced": not table["is_forced"],
        "not the tenant's policy alone": not table["is_bound"],
        "another primary key": table["primary_key"] != ["tenant_id", "id"],
    }
    return ", ".join(fault for fault, is_there in faults.items() if is_there) or "forced"


def attack_row(attack: Document) -> list[str]:
    return [mark(attack), attack["wall"], attack["name"], attack["detail"]]


def mark(part: Document) -> str:
    return "ok" if part["ok"] else "FAIL"


def align(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    table = [head, *rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    ]


def verdict(report: Document) -> str:
    if not report["ok"]:
        return f"NOT PROVED at {report['at']}."
    return f"Proved at {report['at']}: nothing reached another tenant's rows."
