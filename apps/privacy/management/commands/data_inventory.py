"""Prints the data inventory: what each column of the database holds of people."""

from typing import Any

from apps.common.commands import Result, ScriptCommand
from apps.privacy.inventory import write_inventory


class Command(ScriptCommand):
    help = __doc__

    def answer(self, options: dict[str, Any]) -> Result:  # noqa: ARG002
        text = write_inventory().rstrip("\n")
        return Result(text, {"inventory": text})
