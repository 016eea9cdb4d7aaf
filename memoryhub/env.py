"""Typed readers of the environment. A wrong value stops the start with a sentence that names it."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off", ""})


def _read(name: str, default: T, parse: Callable[[str], T], allowed: str) -> T:
    raw = os.environ.get(name)
    if raw is None:
        return default
    try:
        return parse(raw.strip())
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be {allowed}.") from None


def read_text(name: str, default: str = "") -> str:
    return _read(name, default, str, "text")


def read_path(name: str, default: Path) -> Path:
    return _read(name, default, Path, "a path").expanduser().resolve()


def read_bool(name: str, *, default: bool) -> bool:
    return _read(name, default, _parse_bool, "one of 1, true, yes, on, 0, false, no, off")


def read_switch(name: str) -> bool | None:
    """None where it is not set. What is no word for on is off, and said if it is none for off."""
    raw = os.environ.get(name)
    if raw is None:
        return None
    word = raw.strip().lower()
    if word not in TRUE_WORDS | FALSE_WORDS:
        sys.stderr.write(f"{name} holds no word for on or off. It counts as off.\n")
    return word in TRUE_WORDS


def read_objection(name: str) -> bool | None:
    """False where somebody objects by any word but one for off; else None."""
    return None if os.environ.get(name, "").strip().lower() in FALSE_WORDS else False


def read_url(name: str, default: str) -> str:
    """An address without credentials, query or slash at its end."""
    return _read(name, default, _parse_url, "an address such as https://host.example")


def read_int(name: str, default: int, *, low: int = 0, high: int = 2**31) -> int:
    return _read(name, default, _parse_int(low, high), f"a whole number from {low} to {high}")


def read_choice(name: str, default: str, choices: tuple[str, ...]) -> str:
    return _read(name, default, _parse_choice(choices), "one of " + ", ".join(choices))


def read_list(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A list of words separated by commas."""
    raw = os.environ.get(name)
    if raw is None:
        return list(default)
    return [item.strip() for item in raw.split(",") if item.strip()]


def read_days(name: str, default: dict[str, int]) -> dict[str, int]:
    """Whole days by word, as `read=90,change=365`; a word that is not named keeps its default."""
    days = dict(default)
    for item in read_list(name):
        word, _, number = item.partition("=")
        if word not in default or not number.isdecimal() or not int(number):
            words = ", ".join(f"{key}=DAYS" for key in default)
            raise ImproperlyConfigured(f"{name} must be made of {words}.")
        days[word] = int(number)
    return days


def read_hook(name: str) -> str:
    """An address to which something is posted; empty where none is set."""
    return _read(name, "", _parse_hook, "an https address, or http on loopback")


def read_secret(name: str) -> str | None:
    """The value of NAME, or the content of the file that NAME_FILE names; None without either.

    A file that is named must hold something: an empty one never means that there is none.
    """
    value, path = os.environ.get(name), os.environ.get(f"{name}_FILE")
    if value and path:
        raise ImproperlyConfigured(f"Set {name} or {name}_FILE, not both.")
    if not path:
        return value or None
    try:
        content = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "not text")
        raise ImproperlyConfigured(f"{name}_FILE can't be read: {reason}.") from None
    if not content:
        raise ImproperlyConfigured(f"{name}_FILE names an empty file.")
    return content


def name_source(name: str) -> str:
    """Which variable `read_secret` reads: NAME, NAME_FILE, or nothing."""
    return next((found for found in (name, f"{name}_FILE") if os.environ.get(found)), "")


def _parse_url(raw: str) -> str:
    parts = urlsplit(raw)
    is_plain = not (parts.username or parts.password or parts.query or parts.fragment)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not is_plain:
        raise ValueError(raw)
    return raw.rstrip("/")


def _parse_hook(raw: str) -> str:
    parts = urlsplit(raw)
    is_near = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    if raw and (not parts.hostname or parts.scheme not in {"https", "http"}):
        raise ValueError(raw)
    if parts.scheme == "http" and not is_near:
        raise ValueError(raw)
    return raw


def _parse_bool(raw: str) -> bool:
    word = raw.lower()
    if word not in TRUE_WORDS | FALSE_WORDS:
        raise ValueError(raw)
    return word in TRUE_WORDS


def _parse_int(low: int, high: int) -> Callable[[str], int]:
    def parse(raw: str) -> int:
        number = int(raw)
        if not low <= number <= high:
            raise ValueError(raw)
        return number

    return parse


def _parse_choice(choices: tuple[str, ...]) -> Callable[[str], str]:
    def parse(raw: str) -> str:
        if raw.lower() not in choices:
            raise ValueError(raw)
        return raw.lower()

    return parse
