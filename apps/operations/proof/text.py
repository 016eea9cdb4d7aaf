"""A report as lines for a terminal."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Document = Mapping[str, Any]

ONE_LOGIN = (
    "Its login owns the tables and can take its own role back: grants bind the application only."
)


def write_report(report: Document) -> str:
    return "\n".join(
        [
            *write_role(report["role"]),
            "",
            *align(["", "TABLE", "POLICIES", "RIGHTS"], map(table_row, report["tables"])),
            "",
            *align(["", "WALL", "ATTACK", "FOUND"], map(attack_row, report["attacks"])),
            "",
            write_verdict(report),
        ]
    )


def write_role(role: Document) -> list[str]:
    bound = "no superuser, bound by policies, owner of no tenant's table"
    line = f"Serving role {role['name']}: {'; '.join(role['faults']) or bound}."
    return [line, ONE_LOGIN] if role["can_leave"] else [line]


def table_row(table: Document) -> list[str]:
    state = ", ".join(table["faults"]) or "forced, the tenant's alone"
    return [mark(table), table["table"], state, ", ".join(table["rights"])]


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


def write_verdict(report: Document) -> str:
    if not report["ok"]:
        return f"NOT PROVED at {report['at']}."
    return f"Proved at {report['at']}: nothing reached another tenant's rows."
