"""Second nets under the typed catalogue. Each works on any nested structure, and by itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from apps.telemetry.names import is_identifying, is_sensitive

if TYPE_CHECKING:
    from collections.abc import Callable

    Json = str | int | float | bool | list["Json"] | dict[str, "Json"] | None

DEEPEST = 20
PLAIN = str | int | float | bool


def sanitise(value: object, depth: int = DEEPEST) -> Json:
    """The same structure; null stands for every value whose name is that of a secret."""

    def visit(name: str, inner: object) -> Json:
        return None if is_sensitive(name) else sanitise(inner, depth - 1)

    return _rebuild(value, visit) if depth else None


def pseudonymise(
    value: object,
    digest: Callable[[str], str],
    depth: int = DEEPEST,
    *,
    is_named: bool = False,
) -> Json:
    """The same structure; `digest` stands for every value whose name points at somebody."""

    def visit(name: str, inner: object) -> Json:
        is_inner = is_named or is_identifying(name)
        return pseudonymise(inner, digest, depth - 1, is_named=is_inner)

    if not depth or value is None:
        return None
    if is_named and (isinstance(value, str) or not isinstance(value, Collection)):
        return digest(str(value))
    return _rebuild(value, visit)


def _rebuild(value: object, visit: Callable[[str, object], Json]) -> Json:
    """What is no JSON becomes null: nothing passes that could not be looked into."""
    if isinstance(value, Mapping):
        return {str(name): visit(str(name), inner) for name, inner in value.items()}
    if isinstance(value, PLAIN):
        return value
    if isinstance(value, list | tuple | set | frozenset):
        return [visit("", inner) for inner in value]
    return None
