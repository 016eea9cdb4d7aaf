"""Every method of a row, and every reference that it follows: of our row and of theirs."""

import copy

import pytest

from apps.isolation.scope import TenantScopeError
from apps.memories.models import Version
from tests.support import sentinel
from tests.support.twins import attempt, find_leaks, is_refusal, make_twins

SEALED = {"text", "metadata"}  # not for forms
CALLS = {
    "clean": (),
    "clean_fields": (SEALED,),
    "date_error_message": ("date", "event", "created_at"),
    "delete": (),
    "full_clean": (SEALED,),
    "get_constraints": (),
    "get_deferred_fields": (),
    "get_event_display": (),
    "get_next_by_created_at": (),
    "get_previous_by_created_at": (),
    "prepare_database_save": (Version._meta.get_field("memory"),),
    "refresh_from_db": (),
    "save": (),
    "save_base": (),
    "serializable_value": ("memory",),
    "unique_error_message": (Version, ("memory", "number")),
    "validate_constraints": (),
    "validate_unique": (),
}
ABOUT_CLASSES = {"check", "from_db", "Meta"}
SILENT = {
    "clean",
    "date_error_message",
    "get_constraints",
    "get_deferred_fields",
    "get_event_display",
    "prepare_database_save",
    "serializable_value",
    "unique_error_message",
    "validate_unique",  # of a row that is there it checks nothing
}
REFERENCES = {field.name for field in Version._meta.fields if field.is_relation}
WHOSE = {
    "ours": lambda ours, theirs: ours.versions[0],
    "theirs, with an id of ours": lambda ours, theirs: theirs.versions[0],
    "theirs, with an id of its own": lambda ours, theirs: theirs.versions[2],
}
each_row = pytest.mark.parametrize("whose", WHOSE)


@pytest.fixture
def twins(db):
    """The sentinel would stop their rows before the other walls do."""
    with sentinel.off("attacks"):
        yield make_twins()


def list_methods():
    """What a row can do, without what is its columns and what is an exception."""
    names = {name for name in dir(Version) if not name.startswith("_")} - ABOUT_CLASSES
    return {name for name in names if is_method(getattr(Version, name, None))}


def is_method(found):
    return callable(found) and not isinstance(found, type)  # an exception, PersonalData


def make_acts(row):
    """Each on a copy, which is looked at afterwards as well."""

    def make(name):
        def act():
            one = copy.deepcopy(row)
            found = getattr(one, name)
            if name not in REFERENCES:
                found = found(*CALLS.get(name, CALLS.get(name.removeprefix("a"), ())))
            return [found, one]

        return act

    return {name: make(name) for name in list_methods() | REFERENCES}


def test_methods_are_all_known():
    found = list_methods()

    unknown = {name for name in found if not {name, name.removeprefix("a")} & CALLS.keys()}
    assert (unknown, CALLS.keys() - found) == (set(), set())
    assert {"save", "asave", "adelete"} <= found


@each_row
def test_row_without_a_tenant_raises(twins, whose):
    ours, theirs = twins
    acts = make_acts(WHOSE[whose](ours, theirs.plant()))

    answered = {
        name
        for name, act in acts.items()
        if attempt(act, ours, theirs, scope=None)[0] is not TenantScopeError
    }

    assert answered == SILENT


@each_row
def test_row_neither_sees_nor_changes_another_tenants(twins, whose):
    ours, theirs = twins
    acts = make_acts(WHOSE[whose](ours, theirs))

    leaks, alone = find_leaks(acts, ours, theirs)

    assert leaks == {}
    if whose == "ours":
        refused = {name: got for name, got in alone.items() if is_refusal(got)}
        assert refused == {"get_previous_by_created_at": Version.DoesNotExist}
