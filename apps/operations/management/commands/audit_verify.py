"""Verifies the audit trails and names what is wrong with them: exit code 1 where something is.

Kinds: edited, removed, inserted, reordered, rehashed, forged, truncated, details. docs/audit.md
says what each shows. `unsealed` counts the events that wait for their seal.
"""

from argparse import ArgumentTypeError
from typing import Any

from django.core.management.base import CommandParser

from apps.audit.domain.verification import Problem
from apps.common.commands import Result, ScriptCommand
from apps.operations.domain.audit_trails import find_trails, verify_trails


class Command(ScriptCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--tenant", default="", metavar="SLUG", help="without it, all")
        parser.add_argument(
            "--from",
            dest="start",
            type=parse_sequence,
            default=1,
            metavar="SEQ",
            help="begin with the segment that holds this event",
        )
        parser.add_argument(
            "--anchors",
            default="",
            metavar="FILE",
            help="compare with checkpoints kept outside; without it, with AUDIT_ANCHOR_FILE",
        )

    def answer(self, options: dict[str, Any]) -> Result:
        tenants = find_trails(options["tenant"])
        events, unsealed, problems = 0, 0, []
        for tenant, found in verify_trails(
            tenants, start=options["start"], anchor_file=options["anchors"]
        ):
            events, unsealed = events + found.events, unsealed + found.unsealed
            problems += [(tenant.slug, problem) for problem in found.problems]
        counted = f"{events} sealed events of {len(tenants)} tenants, {unsealed} not sealed yet"
        document = {
            "ok": not problems,
            "events": events,
            "unsealed": unsealed,
            "problems": [
                {"tenant": slug, "sequence": problem.sequence, "kind": problem.kind}
                for slug, problem in problems
            ],
        }
        if not problems:
            return Result(f"OK: {counted}", document)
        lines = [describe(slug, problem) for slug, problem in problems]
        return Result("\n".join(lines), document, f"{len(problems)} problems: {counted}.")


def describe(slug: str, problem: Problem) -> str:
    place = "without a place" if problem.sequence is None else problem.sequence
    return f"{slug}: event {place}: {problem.kind}"


def parse_sequence(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError("must be a whole number from 1 on")
    return int(text)
