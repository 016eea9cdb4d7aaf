"""Each method of each view: what it is asked and what it answers. A test compares it with both."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rest_framework.views import APIView

from apps.api.schema.shapes import Shape

Table = Mapping[type[APIView], Mapping[str, "Operation"]]


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str
    shape: Shape
    about: str = ""
    place: str = "query"
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """`answer` is None where it only ever refuses; `about` may say more than the summary."""

    summary: str
    answer: Shape | None
    body: str = ""  # a name of BODIES
    parameters: tuple[Parameter, ...] = ()
    about: str = ""
    status: int = 200
    media: str = "application/json"
    is_deprecated: bool = False
    others: Mapping[int, Shape] = field(default_factory=dict)  # answers of other statuses


def refuse(summary: str) -> Operation:
    """A path of the wire that is answered, so that clients read why, and never does anything."""
    return Operation(summary, None)
