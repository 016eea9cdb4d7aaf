"""Secrets of the instance: random, wrapped under the key of the tenant `instance`."""

from apps.common.crypto import Key
from apps.isolation.scope import INSTANCE_TENANT_ID, tenant_scope
from apps.keys.ring import create_secret, read_secret

PEPPER = "api-key-pepper"
JOURNAL = "erasure-journal"
TELEMETRY = "telemetry"

_known: dict[str, Key] = {}


def create_instance_secrets() -> None:
    """Make those that are missing, in the scope of the instance's tenant."""
    for name in (PEPPER, JOURNAL, TELEMETRY):
        create_secret(name)


def read_instance_secret(name: str) -> Key:
    """Read once a process: they never change. The first reading must stand outside a scope."""
    if name not in _known:
        with tenant_scope(INSTANCE_TENANT_ID):
            _known[name] = read_secret(name)
    return _known[name]


def forget_instance_secrets() -> None:
    """For tests, which begin each database anew."""
    _known.clear()
