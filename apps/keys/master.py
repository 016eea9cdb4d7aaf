"""The master key, which wraps the tenants' keys and nothing else."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.common.crypto import Key, SealBroken
from apps.common.errors import Conflict
from apps.common.secret_files import encode_key, parse_key, replace_file, write_once
from apps.keys.wrapping import unwrap

PREVIOUS = "master_key.previous"  # beside the master key, while that is being replaced


class MasterKeyMismatch(ImproperlyConfigured):
    """The tenant keys were wrapped under another master key than the one configured."""


class MasterKeyMissing(ImproperlyConfigured):
    """No master key is configured, and none lies in the data folder."""


@lru_cache(maxsize=1)
def master_keys() -> tuple[Key, ...]:
    """The master key and, while it is being replaced, the one before it. Never made here.

    Each from its setting, else from the data folder. Raises MasterKeyMissing, and
    ImproperlyConfigured for a file that can't be read or holds no key.
    """
    raw = settings.MASTER_KEY or _read_file(settings.MASTER_KEY_PATH)
    if raw is None:
        raise MasterKeyMissing(
            f"There is no master key: set MEMORYHUB_MASTER_KEY or bring back"
            f" {settings.MASTER_KEY_PATH}. Without it nothing that is stored can be read."
        )
    previous = settings.MASTER_KEY_PREVIOUS or _read_file(previous_path())
    return (Key(raw), Key(previous)) if previous else (Key(raw),)


def read_master_key() -> Key:
    """The master key that wraps from now on, read anew: another process may have replaced it."""
    master_keys.cache_clear()
    return master_keys()[0]


def previous_path() -> Path:
    return settings.MASTER_KEY_PATH.with_name(PREVIOUS)


def make_master_key() -> None:
    """Make one in the data folder unless there is one. Only for an instance without any key."""
    if settings.MASTER_KEY is None:
        path = settings.MASTER_KEY_PATH
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_once(path, encode_key(Key.generate().raw))
        master_keys.cache_clear()


def replace_master_key() -> None:
    """Make a new one in the data folder; the present one stays beside it, as the previous one.

    Refuses where the settings give the key, and while a previous one is still there.
    """
    if settings.MASTER_KEY is not None:
        raise Conflict(
            "MEMORYHUB_MASTER_KEY gives the master key: set it to a new one, and"
            " MEMORYHUB_MASTER_KEY_PREVIOUS to the present one."
        )
    master_keys.cache_clear()
    if len(master_keys()) > 1:
        raise Conflict(
            "A previous master key is still there. End that rotation with rotate_keys, then take"
            f" the key away: {previous_path()} or MEMORYHUB_MASTER_KEY_PREVIOUS."
        )
    replace_file(settings.MASTER_KEY_PATH, encode_key(Key.generate().raw), keep=previous_path())
    master_keys.cache_clear()


def unwrap_tenant_key(wrapped: bytes, context: bytes) -> Key:
    """Under the master key or the previous one; MasterKeyMismatch under neither."""
    try:
        return _unwrap(wrapped, context)
    except SealBroken:
        master_keys.cache_clear()  # a rotation may have replaced the files since they were read
    try:
        return _unwrap(wrapped, context)
    except SealBroken:
        raise MasterKeyMismatch(
            "The master key does not open the tenant keys. Set MEMORYHUB_MASTER_KEY to the one they"
            " were made with or, while it is being replaced, MEMORYHUB_MASTER_KEY_PREVIOUS."
        ) from None


def _unwrap(wrapped: bytes, context: bytes) -> Key:
    current, *previous = master_keys()
    try:
        return unwrap(wrapped, under=current, context=context)
    except SealBroken:
        if not previous:
            raise
    return unwrap(wrapped, under=previous[0], context=context)


def _read_file(path: Path) -> bytes | None:
    try:
        text = path.read_text("ascii", errors="replace").strip()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ImproperlyConfigured(f"{path} can't be read: {error.strerror}.") from None
    return parse_key(str(path), text)
