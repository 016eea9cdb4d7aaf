"""Removes an operator's second factors, for who has lost them all."""

from typing import Any

from django.core.management.base import CommandParser

from apps.accounts.domain.factors import remove_factors
from apps.accounts.models import Operator
from apps.common.actor import SYSTEM
from apps.common.commands import Result, ScriptCommand
from apps.common.errors import NotFound


class Command(ScriptCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--email", required=True)

    def answer(self, options: dict[str, Any]) -> Result:
        email = options["email"].strip().lower()
        operator = Operator.objects.filter(email=email).first()
        if operator is None:
            raise NotFound(f"No operator has the e-mail {email}.")
        removed = remove_factors(operator=operator, by=SYSTEM)
        self.tell(f"{removed} second factors of {email} removed; the password opens the account.")
        return Result(document={"email": email, "removed": removed})
