"""Whether it was proved just now who sits at the browser."""

import time

from allauth.account import app_settings
from allauth.account.internal.flows.login import get_authentication_records
from django.http import HttpRequest


def is_sign_in_recent(request: HttpRequest) -> bool:
    """By any means: password, second factor, passkey, single sign-on."""
    proofs = get_authentication_records(request, request.user)
    oldest = time.time() - app_settings.REAUTHENTICATION_TIMEOUT
    return any(proof["at"] > oldest for proof in proofs)
