"""Each wall alone holds every attack that it is there for, and without any of them all succeed."""

import ast
import inspect
from functools import partial

import pytest

from tests.architecture.source import list_calls
from tests.architecture.test_statements import CURSOR_CALLS
from tests.support import alarms, attacks
from tests.support.twins import find_leaks, is_refusal, make_twins
from tests.support.walls import walls

EVERY = {f"orm: {name}": attack for name, attack in attacks.ORM.items()} | {
    f"sql: {name}": attack for name, attack in attacks.SQL.items()
}


@pytest.fixture
def database(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        yield


def run(tried, *standing):
    """What leaked, and what came out before there was anything to leak."""
    with walls(*standing) as scope:
        ours, theirs = make_twins()
        acts = {name: partial(attack, ours, theirs) for name, attack in tried.items()}
        return find_leaks(acts, ours, theirs, scope=scope)


def test_without_a_wall_every_attack_succeeds(database):
    leaks, _ = run(EVERY)

    assert EVERY.keys() - leaks.keys() == set()
    assert {name for name, got in leaks.items() if is_refusal(got)} == set()


def test_row_filters_alone_hold_every_attack_through_the_orm(database):
    leaks, _ = run(attacks.ORM, 1)

    assert leaks == {}


def test_row_filters_have_a_lint_for_every_attack_by_cursor():
    source = ast.parse(inspect.getsource(attacks))
    functions = {node.name: node for node in source.body if isinstance(node, ast.FunctionDef)}
    used = {attack.__qualname__.partition(".")[0] for attack in attacks.SQL.values()}

    for name in used:
        assert CURSOR_CALLS & {called for _, called in list_calls(functions[name])}, name


def test_row_level_security_alone_holds_every_attack(database):
    leaks, _ = run(EVERY, 2)

    assert leaks == {}


def test_sentinel_alone_stops_every_attack(database):
    with alarms.expected():
        leaks, stopped = run(EVERY, 3)

    assert leaks == {}
    assert {name for name, got in stopped.items() if got is not alarms.Alarm} == set()


def test_row_filters_leave_nothing_of_the_orm_to_the_sentinel(database):
    leaks, _ = run(attacks.ORM, 1, 2, 3)

    assert leaks == {}
