from typing import NamedTuple

from apps.memories.enums import Sensitive


class Part(NamedTuple):
    """Where in a text something of a kind stands."""

    kind: Sensitive
    start: int
    end: int
