"""Revokes an API key at once, by its lookup id: the 12 letters and digits after `mhk_`."""

from typing import Any

from django.core.management.base import CommandParser

from apps.common.actor import SYSTEM
from apps.common.commands import Result, ScriptCommand
from apps.common.errors import NotFound
from apps.tenants.domain.api_keys import find_api_key, revoke_api_key
from apps.tenants.secrets import LOOKUP_LENGTH


class Command(ScriptCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("lookup_id", metavar="LOOKUP_ID")

    def answer(self, options: dict[str, Any]) -> Result:
        key = find_api_key(read_lookup_id(options["lookup_id"]))
        was_revoked = key.revoked_at is not None
        if not was_revoked:
            revoke_api_key(key=key, by=SYSTEM)
        state = "was revoked before" if was_revoked else "is revoked"
        self.tell(f"The key {key.lookup_id} ({key.name}) {state}.")
        document = {"lookup_id": key.lookup_id, "name": key.name, "was_revoked": was_revoked}
        return Result(document=document)


def read_lookup_id(text: str) -> str:
    """Refuses a whole key without repeating it, since what stderr shows is often kept."""
    if len(text) != LOOKUP_LENGTH:
        raise NotFound(
            f"A lookup id is the {LOOKUP_LENGTH} letters and digits between a key's underscores."
        )
    return text
