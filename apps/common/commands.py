"""Commands that operators' scripts call: exit 0 good, 1 a finding or a failure, 2 wrong usage.

The result goes to stdout, alone; whatever is meant for eyes goes to stderr.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from apps.common.errors import DomainError


@dataclass(frozen=True, slots=True)
class Result:
    """What a command prints: `text`, or with --json the document. Without text it prints none.

    A `failure` is a finding: the result is printed, the failure said, and the exit code is 1.
    """

    text: str = ""
    document: dict[str, Any] | list[Any] = field(default_factory=dict)
    failure: str = ""


class ScriptCommand(BaseCommand):
    """Base of these commands. A subclass says what it takes and answers a Result."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="print one JSON document")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            result = self.answer(options)
        except (DomainError, ImproperlyConfigured) as error:
            raise CommandError(str(error)) from None
        except Error as error:
            reason = next(iter(str(error).splitlines()), type(error).__name__)
            raise CommandError(f"The database cannot be used: {reason}") from None
        text = json.dumps(result.document) if options["json"] else result.text
        if text:
            self.stdout.write(text)
        if result.failure:
            raise CommandError(result.failure)

    def answer(self, options: dict[str, Any]) -> Result:
        raise NotImplementedError

    def tell(self, message: str) -> None:
        """Say something to whoever looks on, without the red of an error."""
        self.stderr.write(message, style_func=str)
