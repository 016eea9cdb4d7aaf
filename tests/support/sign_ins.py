"""Sessions as a sign-in through the forms leaves them."""

import time
from typing import Any

from django.test import Client


def prove_sign_in(client: Client, operator: Any, *, at: float | None = None) -> None:
    """As if the password had been given, just now or at this time."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": at or time.time()}]
    session["account_authentication_methods_user"] = str(operator.pk)
    session.save()
