"""How allauth behaves here: nobody signs up by themselves."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from django.http import HttpRequest

from apps.accounts.recency import is_sign_in_recent


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Allauth's own messages are dropped: our pages say what happened."""

    def is_reauthentication_required(self, **_: Any) -> bool:
        return not is_sign_in_recent(context.request)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:  # noqa: ARG002
        """Of the e-mail alone: a name of the host is the client's to choose."""
        return str(credentials.get("email", "")).strip().lower()
