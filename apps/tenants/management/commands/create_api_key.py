"""Makes an API key and prints it. It can't be shown a second time."""

from argparse import ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser
from django.utils import timezone

from apps.common.actor import SYSTEM
from apps.common.commands import Result, ScriptCommand
from apps.tenants.domain.api_keys import create_api_key
from apps.tenants.enums import DEFAULT_SCOPES, ApiScope
from apps.tenants.queries import get_tenant

LONGEST_LIFE = 36_500  # days


class Command(ScriptCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--name", required=True, help="what the key is for")
        parser.add_argument(
            "--scope",
            action="append",
            choices=ApiScope.values,
            help=f"may be given several times; without it {', '.join(DEFAULT_SCOPES)}",
        )
        parser.add_argument(
            "--expires-in-days", type=parse_days, metavar="N", help="without it the key stays"
        )

    def answer(self, options: dict[str, Any]) -> Result:
        days = options["expires_in_days"]
        key, text = create_api_key(
            tenant=get_tenant(options["tenant"]),
            name=options["name"],
            scopes=options["scope"] or DEFAULT_SCOPES,
            expires_at=timezone.now() + timedelta(days=days) if days else None,
            by=SYSTEM,
        )
        document = {
            "key": text,
            "lookup_id": key.lookup_id,
            "tenant": options["tenant"],
            "name": key.name,
            "scopes": key.scopes,
            "expires_at": key.expires_at.isoformat() if key.expires_at else None,
        }
        return Result(text, document)


def parse_days(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= LONGEST_LIFE:
        raise ArgumentTypeError(f"must be a whole number from 1 to {LONGEST_LIFE}")
    return int(text)
