"""Prints the database's address for psql; with --admin one that sees every row."""

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from apps.common.commands import Result, ScriptCommand


class Command(ScriptCommand):
    help = __doc__
    requires_system_checks = ()  # it must answer when something is wrong

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--admin", action="store_true", help="the superuser's, or DATABASE_OWNER_URL"
        )

    def answer(self, options: dict[str, Any]) -> Result:
        serving, admin = settings.DATABASE_ADDRESSES
        url = admin if options["admin"] else serving
        return Result(url, {"url": url})
