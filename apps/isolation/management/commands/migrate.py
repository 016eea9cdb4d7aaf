"""`migrate` as the owner's role, which is not the one that serves."""

from typing import Any

from django.core.management.base import CommandParser
from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections

from apps.isolation.roles import OWNER, prepare_roles


class Command(DjangoMigrate):
    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database=OWNER)

    def handle(self, *args: Any, **options: Any) -> None:
        prepare_roles(connections[options["database"]])
        super().handle(*args, **options)
