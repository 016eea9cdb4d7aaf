"""The question before an act that ends something."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Confirmation:
    """`room` and `href` lead back; `act` is the button, a verb and its object."""

    room: str
    href: str
    heading: str
    sentences: tuple[str, ...]
    act: str
    keep: str
    is_final: bool = True
