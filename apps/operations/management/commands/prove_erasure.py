"""Plants a random word wherever text can enter, erases, rewrites the tables, and looks for it.

Exit code 1 where it is found, or where a control was not seen before. The tables that erasures
touch can't be used while they are rewritten. docs/privacy.md says what is looked through.
"""

from dataclasses import asdict
from typing import Any

from apps.common.actor import SYSTEM
from apps.common.commands import Result, ScriptCommand
from apps.operations.domain.erasure_proof import Check, prove_erasure


class Command(ScriptCommand):
    help = __doc__

    def answer(self, options: dict[str, Any]) -> Result:  # noqa: ARG002
        proof = prove_erasure(by=SYSTEM)
        document = asdict(proof) | {"failures": proof.failures}
        lines = [_write(check) for check in proof.checks]
        lines += ["", "May still hold what was deleted:"]
        lines += [f"  {name}: {value}" for name, value in proof.still.items()]
        lines += ["Logs that go to stdout, and what others have copied: NOT CHECKED"]
        failure = ", ".join(proof.failures)
        return Result("\n".join(lines), document, failure and f"The erasure left: {failure}.")


def _write(check: Check) -> str:
    seen = f"before in {len(check.before)}, after in {len(check.after)}"
    return f"{check.state:12} {check.place}" + ("" if check.state == "NOT CHECKED" else f": {seen}")
