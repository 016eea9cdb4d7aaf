"""What this installation is made of: versions and licences, as the packages say it themselves."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, PackageNotFoundError, distribution, distributions
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable

LICENCE = "License :: "
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Package:
    name: str
    version: str
    licence: str


@cache
def list_packages() -> tuple[Package, ...]:
    """All that is installed, by name. Read once in a process: they stay while it runs."""
    found = {str(one.metadata["Name"]): one for one in distributions() if one.metadata["Name"]}
    return tuple(describe(found[name]) for name in sorted(found, key=str.casefold))


def find_version(name: str) -> str:
    try:
        return distribution(name).version
    except PackageNotFoundError:
        return "not installed"


def describe(one: Distribution) -> Package:
    return Package(str(one.metadata["Name"]), one.version, find_licence(one))


def find_licence(one: Distribution) -> str:
    """The expression where there is one, else the classifiers, else the first line of the text."""
    said: Any = one.metadata  # a Message, though it is declared as less
    text = (said.get("License") or "").strip().partition("\n")[0]
    named = ", ".join(name_licences(said.get_all("Classifier") or ()))
    return said.get("License-Expression") or named or text[:LONGEST] or "not stated"


def name_licences(classifiers: Iterable[str]) -> Iterable[str]:
    return (line.rpartition(" :: ")[2] for line in classifiers if line.startswith(LICENCE))
