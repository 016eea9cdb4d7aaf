"""The cache that all processes share: it counts failed sign-ins, so one of them is no place."""

REDIS_SCHEMES = ("redis://", "rediss://", "unix://")


def configure(broker_url: str) -> dict[str, dict[str, str]]:
    """The broker, where that is Redis or Valkey; else the memory of each process."""
    location = broker_url.replace("redis+socket://", "unix://", 1)
    if location.startswith(REDIS_SCHEMES):
        backend = "django.core.cache.backends.redis.RedisCache"
        return {"default": {"BACKEND": backend, "LOCATION": location, "KEY_PREFIX": "memoryhub"}}
    return {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
