"""Where tries at signing in are counted: in the database, which a sign-in needs in any case.

A cache to Django, so that allauth counts in it. Values are JSON, keys only digests of what is
counted: an address or an e-mail can't be read from them.
"""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT, BaseCache
from django.utils import timezone
from django.utils.crypto import salted_hmac

if TYPE_CHECKING:
    from django.db import models

NEVER = datetime.max.replace(tzinfo=UTC)


class TallyCache(BaseCache):
    """One or two statements for each call: slow beside a real cache, so nothing else is here."""

    def __init__(self, location: str, params: dict[str, Any]) -> None:  # noqa: ARG002
        super().__init__(params)

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        row = _live().filter(key=self._digest(key, version)).values_list("value").first()
        return row[0] if row else default

    def set(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> None:
        values = {"value": value, "expires_at": self._end(timeout)}
        _rows().update_or_create(key=self._digest(key, version), defaults=values)

    def add(
        self, key: str, value: Any, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None
    ) -> bool:
        """Of several that add one key at once, one is told that it did."""
        digest = self._digest(key, version)
        _rows().filter(key=digest, expires_at__lte=timezone.now()).delete()
        values = {"value": value, "expires_at": self._end(timeout)}
        return bool(_rows().get_or_create(key=digest, defaults=values)[1])

    def touch(self, key: str, timeout: Any = DEFAULT_TIMEOUT, version: int | None = None) -> bool:
        mine = _live().filter(key=self._digest(key, version))
        return bool(mine.update(expires_at=self._end(timeout)))

    def delete(self, key: str, version: int | None = None) -> bool:
        return bool(_rows().filter(key=self._digest(key, version)).delete()[0])

    def clear(self) -> None:
        _rows().all().delete()

    def _digest(self, key: str, version: int | None) -> str:
        return salted_hmac(
            "apps.accounts.tallies", self.make_key(key, version), algorithm="sha256"
        ).hexdigest()

    def _end(self, timeout: Any) -> datetime:
        seconds = self.default_timeout if timeout is DEFAULT_TIMEOUT else timeout
        return NEVER if seconds is None else timezone.now() + timedelta(seconds=seconds)


def _rows() -> "models.Manager[Any]":
    from apps.accounts.models import Tally  # the settings name this module: no models yet

    return Tally.objects


def _live() -> "models.QuerySet[Any]":
    return _rows().filter(expires_at__gt=timezone.now())
