"""Everything that MemoryHub may report, field by field.

A field's name and words keep their meaning. One that goes stays here until the log, which
`telemetry verify` compares with this list, has forgotten it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from apps.telemetry.enums import Feature, Place
from apps.telemetry.kinds import KINDS, OTHER, Bucket, Choice, Flag, Kind, Version
from apps.telemetry.names import is_identifying, is_sensitive


@dataclass(frozen=True, slots=True)
class Field:
    kind: Kind
    meaning: str


@dataclass(frozen=True, slots=True)
class Event:
    """A report: when it is made, what for, and its fields."""

    name: str
    occasion: str
    purpose: str
    fields: Mapping[str, Field]

    def __post_init__(self) -> None:
        for name, field in self.fields.items():
            if type(field.kind) not in KINDS:
                raise TypeError(f"{name} is none of the kinds that can't carry free text.")
            if is_sensitive(name) or is_identifying(name):
                raise ValueError(f"{name} is named like something that must not leave.")

    def encode(self, values: Mapping[str, object]) -> dict[str, object]:
        """The fields in their order, null where there is no value. Refuses unknown names."""
        if unknown := values.keys() - self.fields.keys():
            raise ValueError(f"{self.name} has no field {', '.join(sorted(unknown))}.")
        return {name: field.kind.encode(values.get(name)) for name, field in self.fields.items()}

    def accepts(self, properties: Mapping[str, object]) -> bool:
        """Are these all of its fields, each with a value that its kind allows?"""
        return properties.keys() == self.fields.keys() and all(
            field.kind.accepts(properties[name]) for name, field in self.fields.items()
        )


ERRORS = (
    "ArithmeticError",
    "AssertionError",
    "AttributeError",
    "ConnectionError",
    "DataError",
    "DomainError",
    "EmbedderError",
    "IntegrityError",
    "KeyError",
    "LookupError",
    "MemoryError",
    "NotImplementedError",
    "OSError",
    "OperationalError",
    "ProgrammingError",
    "RecursionError",
    "RuntimeError",
    "SealBroken",
    "TenantScopeError",
    "TimeoutError",
    "TypeError",
    "UnicodeError",
    "ValidationError",
    "ValueError",
)
"""Classes that are named; of any other, the nearest of these that it derives from, or `other`."""

MEMORYHUB = Field(Version(3), "version of MemoryHub")
COUNT = Bucket()

MACHINE = {
    "memoryhub_version": MEMORYHUB,
    "python_version": Field(Version(), "version of Python"),
    "os": Field(Choice(("linux", "macos", "windows", OTHER)), "operating system"),
    "architecture": Field(Choice(("x86_64", "aarch64", OTHER)), "kind of processor"),
}
SERVER = Choice(("embedded", "external"))
ENGINE = Choice(("none", "local", "openai", "openai_compatible", OTHER))

_EVENTS = (
    Event(
        "install",
        "each time telemetry is turned on",
        "how many installations there are, and on what they run",
        MACHINE,
    ),
    Event(
        "start",
        "each time a worker starts",
        "whether versions start, and keep running, where they are used",
        MACHINE,
    ),
    Event(
        "heartbeat",
        "once a day",
        "which versions, sizes and set-ups have to be supported",
        MACHINE
        | {
            "postgresql_version": Field(Version(), "version of PostgreSQL"),
            "database": Field(SERVER, "whether PostgreSQL is the one MemoryHub brings"),
            "broker": Field(SERVER, "whether the broker is the one MemoryHub brings"),
            "embedder": Field(ENGINE, "kind of what makes embeddings"),
            "llm": Field(ENGINE, "kind of the LLM"),
            "https": Field(Flag(), "whether it is set up behind HTTPS"),
            "tenants": Field(COUNT, "how many tenants"),
            "operators": Field(COUNT, "how many people who can sign in"),
            "entities": Field(COUNT, "how many users, agents, apps and runs, as estimated"),
            "memories": Field(COUNT, "how many memories, as estimated"),
        },
    ),
    Event(
        "feature_use",
        "once for a day on which something was used",
        "which parts are worth work",
        {"memoryhub_version": MEMORYHUB}
        | {feature.value: Field(COUNT, f"how many {feature.label}") for feature in Feature},
    ),
    Event(
        "error",
        "once for a day, a place and a class of errors nobody expected",
        "which faults to mend first",
        {
            "memoryhub_version": MEMORYHUB,
            "error": Field(Choice((*ERRORS, OTHER)), "class, never the message"),
            "place": Field(Choice(tuple(Place.values)), "where it came up"),
            "count": Field(COUNT, "how often"),
        },
    ),
    Event(
        "deletion",
        "once, when an instance owner asks for it; it is the last one",
        "the makers to delete what they have under the install id",
        {},
    ),
)
EVENTS: Mapping[str, Event] = MappingProxyType({event.name: event for event in _EVENTS})


def name_error(error: type[BaseException]) -> str:
    """The class itself or the nearest base that stands in the catalogue."""
    names = (base.__name__ for base in error.__mro__)
    return next((name for name in names if name in ERRORS), OTHER)
