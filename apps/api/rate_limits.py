"""Requests a minute, of a key and of all keys of a tenant, counted where all processes see it.

That is the broker where it is Redis or Valkey, and the database where it is another. A minute
begins with the first request in it. A request that either limit refuses counts for neither. If
Redis can't be reached requests are let through: it protects the service, and must not be what takes
it down.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

import redis
import structlog
from django.conf import settings

from apps.accounts.domain.tallies import Taken, take

logger = structlog.get_logger("memoryhub.rate_limits")

SECONDS = 60
TIMEOUT = 1
SCRIPT = """
local answers = {}
local allowed = 1
for i, key in ipairs(KEYS) do
  local used = tonumber(redis.call('GET', key) or '0')
  if used >= tonumber(ARGV[i]) then allowed = 0 end
  answers[i] = used
end
local window = tonumber(ARGV[#ARGV])
local result = {allowed}
for i, key in ipairs(KEYS) do
  if allowed == 1 then
    answers[i] = redis.call('INCR', key)
    if answers[i] == 1 then redis.call('EXPIRE', key, window) end
  end
  local left = redis.call('TTL', key)
  if left < 0 then left = window end
  table.insert(result, answers[i])
  table.insert(result, left)
end
return result
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of the limit that is nearer to its end."""

    limit: int
    remaining: int
    seconds: int
    is_allowed: bool

    @property
    def headers(self) -> dict[str, str]:
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": str(self.seconds),
        }


def take_request(*, key_id: UUID, tenant_id: UUID) -> Allowance | None:
    """Count one request, in one atomic step. None where no limit is set: that costs nothing."""
    limits = {
        f"memoryhub:rate:tenant:{tenant_id}": settings.RATE_LIMIT_PER_TENANT,
        f"memoryhub:rate:tenant:{tenant_id}:key:{key_id}": settings.RATE_LIMIT_PER_KEY,
    }
    limits = {name: limit for name, limit in limits.items() if limit}
    if not limits:
        return None
    try:
        is_allowed, counts = (
            _take_in_redis(limits) if settings.RATE_LIMIT_URL else take(limits, seconds=SECONDS)
        )
    except redis.RedisError as error:
        logger.warning("requests are not counted", error=type(error).__name__)
        return None
    states = [
        Allowance(limit, max(limit - taken.used, 0), taken.seconds, is_allowed)
        for limit, taken in zip(limits.values(), counts, strict=True)
    ]
    return min(states, key=lambda state: (state.remaining, -state.seconds))


def _take_in_redis(limits: Mapping[str, int]) -> tuple[bool, list[Taken]]:
    """As `take` in the database; in one step of the server."""
    is_allowed, *numbers = _script()(keys=list(limits), args=[*limits.values(), SECONDS])
    return bool(is_allowed), [
        Taken(*pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)
    ]


@lru_cache(maxsize=1)
def _script() -> "redis.commands.core.Script":
    client = redis.Redis.from_url(
        settings.RATE_LIMIT_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT
    )
    return client.register_script(SCRIPT)
