"""The kinds of value that a report may hold. There is none for free text."""

import re
from dataclasses import dataclass
from itertools import pairwise

WORD = re.compile(r"[A-Za-z0-9_]{1,40}")
OTHER = "other"
BUCKETS = {
    0: "0",
    1: "1-9",
    10: "10-99",
    100: "100-999",
    1_000: "1k-10k",
    10_000: "10k-100k",
    100_000: "100k-1M",
    1_000_000: "1M+",
}
"""The label of each bucket, by the smallest count in it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the words that stand in the catalogue; any other value becomes `other` or nothing."""

    words: tuple[str, ...]

    def __post_init__(self) -> None:
        if not self.words or not all(WORD.fullmatch(word) for word in self.words):
            raise ValueError("A choice has words of letters, digits and underscores.")

    def encode(self, value: object) -> str | None:
        if value is None or value in self.words:
            return None if value is None else str(value)
        return OTHER if OTHER in self.words else None

    def accepts(self, value: object) -> bool:
        return value is None or value in self.words

    def describe(self) -> str:
        return "one of: " + ", ".join(self.words)


@dataclass(frozen=True, slots=True)
class Bucket:
    """A count, as the name of the range that it lies in."""

    def encode(self, value: object) -> str | None:
        if type(value) is not int or value < 0:
            return None
        for (_, label), (limit, _) in pairwise(BUCKETS.items()):
            if value < limit:
                return label
        return BUCKETS[max(BUCKETS)]

    def accepts(self, value: object) -> bool:
        return value is None or value in BUCKETS.values()

    def describe(self) -> str:
        return "bucket: " + ", ".join(BUCKETS.values())


@dataclass(frozen=True, slots=True)
class Version:
    """The first numbers of a version, without what a build may have put behind them."""

    numbers: int = 2

    def encode(self, value: object) -> str | None:
        found = re.match(r"[0-9]{1,4}(\.[0-9]{1,4})*", value) if isinstance(value, str) else None
        return ".".join(found[0].split(".")[: self.numbers]) if found else None

    def accepts(self, value: object) -> bool:
        return value is None or self.encode(value) == value

    def describe(self) -> str:
        return f"version: its first {self.numbers} numbers"


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    def encode(self, value: object) -> bool | None:
        return value if isinstance(value, bool) else None

    def accepts(self, value: object) -> bool:
        return value is None or isinstance(value, bool)

    def describe(self) -> str:
        return "true or false"


Kind = Choice | Bucket | Version | Flag
KINDS = frozenset({Choice, Bucket, Version, Flag})
