"""The question before an act that ends something."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Confirmation:
    """`room` and `href` lead back; `act` is the button, a verb and its object.

    `chosen` are the memories that it is about, where the address names none: they are sent again.
    """

    room: str
    href: str
    heading: str
    sentences: tuple[str, ...]
    act: str
    keep: str
    is_final: bool = True
    chosen: tuple[str, ...] = ()
