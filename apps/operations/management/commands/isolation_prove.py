"""Tries from one canary tenant to reach another's rows, and prints what held each attack.

Exit code 1 where one got through, could not be tried, or the database's own state is not as it
should be. docs/proving-isolation.md says what is tried.
"""

from typing import Any

from apps.common.actor import SYSTEM
from apps.common.commands import Result, ScriptCommand
from apps.operations.domain.isolation import prove_isolation
from apps.operations.proof.text import write_report

STEP = 10  # attacks between two lines of progress


class Command(ScriptCommand):
    help = __doc__
    requires_system_checks = ()  # what a check would refuse is what this is to find

    def answer(self, options: dict[str, Any]) -> Result:  # noqa: ARG002
        proof = prove_isolation(tell=self._tell_progress, by=SYSTEM)
        failure = "" if proof.is_ok else f"Tenants are not kept apart: {proof.failures} failures."
        return Result(write_report(proof.report), proof.report, failure)

    def _tell_progress(self, done: int, total: int) -> None:
        if done % STEP == 0 or done == total:
            self.tell(f"{done} of {total} attacks")
