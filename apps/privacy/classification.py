"""Reads the classes of all columns of all models, other people's included."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import models

from apps.common.personal_data import (
    OPERATOR,
    OURS,
    WHOSE,
    Column,
    Nobodys,
    OfEntities,
    PartOf,
    Whose,
    columns_of,
)

Model = type[models.Model]

UNUSED = Nobodys("Django's, unused")
OTHERS: Mapping[str, tuple[Whose, Column]] = {
    "account.EmailAddress": (Nobodys("an operator's address"), OPERATOR),
    "account.EmailConfirmation": (Nobodys("of an operator's address, unused"), OPERATOR),
    "auth.Group": (UNUSED, OURS),
    "auth.Group_permissions": (UNUSED, OURS),
    "auth.Permission": (UNUSED, OURS),
    "contenttypes.ContentType": (Nobodys("names of models"), OURS),
    "mfa.Authenticator": (Nobodys("an operator's second factor"), OPERATOR),
    "sessions.Session": (Nobodys("an operator's sign-in, a day at most"), OPERATOR),
    "socialaccount.SocialAccount": (Nobodys("an operator at the single sign-on"), OPERATOR),
    "socialaccount.SocialApp": (Nobodys("the single sign-on's settings, unused"), OURS),
    "socialaccount.SocialToken": (Nobodys("of single sign-ons, unused"), OPERATOR),
    "usersessions.UserSession": (Nobodys("an operator's browser, while signed in"), OPERATOR),
}
"""Models of Django and allauth: one class for all columns."""


@dataclass(frozen=True, slots=True)
class Classes:
    """A model with whose its rows are and the class of each of its columns."""

    model: Model
    whose: Whose
    columns: Mapping[str, Column]

    @property
    def label(self) -> str:
        return self.model._meta.label

    @property
    def is_about_people(self) -> bool:
        return not isinstance(self.whose, Nobodys)


def list_classes() -> list[Classes]:
    """Every installed model's, in the order of their names."""
    found = apps.get_models(include_auto_created=True)
    return [read_classes(model) for model in sorted(found, key=lambda model: model._meta.label)]


def read_classes(model: Model) -> Classes:
    """KeyError for a model of ours that is not classified."""
    if other := OTHERS.get(model._meta.label):
        whose, column = other
        return Classes(model, whose, dict.fromkeys(names_of(model), column))
    declared = vars(model).get("PersonalData")
    if declared is None:
        raise KeyError(f"{model._meta.label} has no class PersonalData.")
    return Classes(model, getattr(declared, WHOSE), columns_of(declared))


def names_of(model: Model) -> list[str]:
    return [field.name for field in model._meta.local_fields]


def list_faults() -> list[str]:
    """What is missing or too much, as lines to paste."""
    return [
        fault for model in apps.get_models(include_auto_created=True) for fault in _check(model)
    ]


def _check(model: Model) -> Iterator[str]:
    label = model._meta.label
    try:
        classes = read_classes(model)
    except (KeyError, AttributeError) as error:
        yield f"{label}: {error}"
        return
    names = set(names_of(model))
    yield from (f"{label}: {name} = ?" for name in sorted(names - classes.columns.keys()))
    yield from (f"{label} has no column {name}" for name in sorted(classes.columns.keys() - names))
    yield from (
        f"{label} has no column {name}" for name in _ties(classes.whose) if name not in names
    )


def _ties(whose: Whose) -> tuple[Any, ...]:
    match whose:
        case OfEntities(columns):
            return columns
        case PartOf(column, _):
            return (column,)
        case _:
            return ()
