"""Makes an operator with a role in a tenant.

Without --password-stdin it makes a password and prints it, this once.
"""

import secrets
import sys
from typing import Any

from django.core.management.base import CommandParser

from apps.common.actor import SYSTEM
from apps.common.commands import Result, ScriptCommand
from apps.tenants.domain.operators import create_operator
from apps.tenants.enums import Role
from apps.tenants.queries import get_tenant


class Command(ScriptCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--email", required=True)
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--role", required=True, choices=Role.values)
        parser.add_argument(
            "--instance-owner", action="store_true", help="governs tenants, keys and health as well"
        )
        parser.add_argument(
            "--password-stdin", action="store_true", help="read the password, one line, from stdin"
        )

    def answer(self, options: dict[str, Any]) -> Result:
        is_given = options["password_stdin"]
        password = sys.stdin.readline().rstrip("\r\n") if is_given else secrets.token_urlsafe(15)
        operator = create_operator(
            email=options["email"],
            password=password,
            tenant=get_tenant(options["tenant"]),
            role=Role(options["role"]),
            is_instance_owner=options["instance_owner"],
            by=SYSTEM,
        )
        document = {
            "id": str(operator.id),
            "email": operator.email,
            "tenant": options["tenant"],
            "role": options["role"],
            "is_instance_owner": operator.is_instance_owner,
        }
        if is_given:
            self.tell(f"{operator.email} can sign in.")
            return Result(document=document)
        self.tell(f"{operator.email} can sign in with this password, which is shown only now:")
        return Result(password, document | {"password": password})
