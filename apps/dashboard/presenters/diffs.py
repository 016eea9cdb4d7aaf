"""Which words of a version are new and which are gone."""

from __future__ import annotations

import re
from difflib import SequenceMatcher

from apps.dashboard.presenters.parts import Change

Changes = tuple[Change, ...]
WORDS = re.compile(r"\s+|\w+|[^\w\s]")
LONGEST = 4_000


def compare(old: str, new: str) -> tuple[Changes, Changes]:
    """Return what the old and the new line show. Very long texts are compared as a whole."""
    before, after = split(old), split(new)
    removed: list[Change] = []
    added: list[Change] = []
    for kind, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        is_changed = kind != "equal" or is_gap(before[a:b], removed, added)
        append(removed, before[a:b], is_changed=is_changed)
        append(added, after[c:d], is_changed=is_changed)
    return tuple(removed), tuple(added)


def is_gap(words: list[str], removed: list[Change], added: list[Change]) -> bool:
    """A space between two changed words reads better as part of the change."""
    follows = any(line and line[-1].is_changed for line in (removed, added))
    return follows and not "".join(words).strip()


def split(words: str) -> list[str]:
    """Words, spaces and marks, so that joining them gives the text again."""
    parts = WORDS.findall(words)
    return parts if len(parts) <= LONGEST else [words]


def append(line: list[Change], words: list[str], *, is_changed: bool) -> None:
    if not words:
        return
    if line and line[-1].is_changed == is_changed:
        line[-1] = Change(line[-1].words + "".join(words), is_changed)
    else:
        line.append(Change("".join(words), is_changed))
