"""Leaves walls or keys out of this process, for `walls.py`. Before anything of the API is imported."""

import sys
from typing import Any

from django.conf import settings
from django.db import connection

from apps.common.crypto import KEY_BYTES, Key
from apps.isolation import scope, writes
from apps.keys import queries
from apps.keys.instance import JOURNAL, PEPPER, read_instance_secret
from apps.keys.ring import KeyRing, TenantKeys

ENGINE = "django.db.backends.postgresql"
PLAIN = Key(bytes(KEY_BYTES))
PLAIN_TENANT = TenantKeys(PLAIN)


def leave_out(parts: tuple[str, ...]) -> None:
    assert "apps.memories.queries" not in sys.modules  # it takes what it needs by name
    if "row_filters" in parts:
        settings.DATABASES["default"]["ENGINE"] = ENGINE
        writes._check_tenant = nothing
    for name in (PEPPER, JOURNAL):
        read_instance_secret(name)
    if "keys" in parts:
        leave_out_keys()
        scope._enter = enter_with_setting
    check(parts)


def check(parts: tuple[str, ...]) -> None:
    """What is said to be left out is left out, and nothing else."""
    assert (connection.settings_dict["ENGINE"] == ENGINE) >= ("row_filters" in parts)
    with connection.cursor() as cursor:
        cursor.execute("SELECT row_security_active('memories_memory')")
        assert cursor.fetchone()[0] is ("row_security" not in parts)
    assert (PLAIN.seal(b"text", b"") == b"text") is ("keys" in parts)


def leave_out_keys() -> None:
    Key.seal = Key.open = lambda _, value, __: bytes(value)
    KeyRing.tenant = property(lambda _: PLAIN_TENANT)
    KeyRing.entity = lambda *_: PLAIN
    KeyRing.load = KeyRing.load_for_writing = KeyRing.remember = KeyRing.create = nothing
    queries.annotate_keys = lambda rows, **_: rows
    queries.remember_keys = queries.load_keys = nothing


def nothing(*_: Any, **__: Any) -> None: ...


def enter_with_setting(tenant_id: Any, _statement: str) -> None:
    with scope.open_prepared_cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [scope.SETTING, str(tenant_id)])
