"""What an event may say is fixed in the code: no field can carry free text."""

import ast
from enum import StrEnum

import pytest

from apps.audit.actions import Action, Outcome, Refusal
from apps.audit.catalogue import CATALOGUE, NotInCatalogue, check_facts
from apps.audit.domain import record
from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from tests.architecture.source import parse_source

LISTS = {"apps/audit/actions.py", "apps/audit/catalogue.py"}


class Word(StrEnum):
    ONE = "one"


def used_actions():
    """The names of the actions that some code outside of the lists and the pages names."""
    return {
        node.attr
        for path, tree in parse_source().items()
        if path not in LISTS and "/presenters/" not in path and "dashboard/queries/" not in path
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and getattr(node.value, "id", "") == "Action"
    }


def test_every_action_has_a_schema():
    assert CATALOGUE.keys() == set(Action)


def test_every_action_is_recorded_somewhere():
    assert used_actions() == {action.name for action in Action}


def test_versions_begin_at_one():
    assert min(schema.version for schema in CATALOGUE.values()) == 1


@pytest.mark.parametrize(
    ("action", "facts"),
    [
        (Action.MEMORY_ADD, {"added": 2, "repeated": 0}),
        (Action.MEMORY_READ, {}),
        (Action.MEMORY_READ, {"count": 1, "memories": [uuid7()]}),
        (Action.ENTITY_CREATE, {"kind": Word.ONE}),
        (Action.APIKEY_CREATE, {"scopes": [Word.ONE, Word.ONE]}),
    ],
)
def test_facts_of_the_schema_pass(action, facts):
    check_facts(action, Outcome.DONE, facts)


@pytest.mark.parametrize(
    ("action", "facts"),
    [
        (Action.MEMORY_ADD, {"added": 2}),
        (Action.MEMORY_ADD, {"added": 2, "repeated": -1}),
        (Action.MEMORY_ADD, {"added": True, "repeated": 0}),
        (Action.MEMORY_ADD, {"added": 2.0, "repeated": 0}),
        (Action.MEMORY_ADD, {"added": "Zanzibar7", "repeated": 0}),
        (Action.MEMORY_READ, {"text": "Zanzibar7"}),
        (Action.MEMORY_READ, {"count": 1, "memories": ["Zanzibar7"]}),
        (Action.ENTITY_CREATE, {"kind": "Zanzibar7"}),
        (Action.APIKEY_CREATE, {"scopes": ["Zanzibar7"]}),
        (Action.LOGOUT, {"count": 1}),
        (Action.LOGOUT, {"target": uuid7()}),
    ],
)
def test_others_are_refused_without_their_value(action, facts):
    with pytest.raises(NotInCatalogue) as caught:
        check_facts(action, Outcome.DONE, facts)

    assert "Zanzibar7" not in str(caught.value)


@pytest.mark.parametrize("outcome", [Outcome.DENIED, Outcome.FAILED])
def test_refusal_says_why_and_need_not_say_what_was_not_done(outcome):
    check_facts(Action.MEMORY_ADD, outcome, {"reason": Refusal.CONFLICT})
    check_facts(Action.MEMORY_ADD, outcome, {"reason": Refusal.CONFLICT, "added": 0})
    for facts in ({}, {"reason": "conflict"}, {"reason": Word.ONE}):
        with pytest.raises(NotInCatalogue):
            check_facts(Action.MEMORY_ADD, outcome, facts)


def test_what_the_catalogue_does_not_know_is_not_written(tenant):
    with tenant_scope(tenant.id):
        with pytest.raises(NotInCatalogue):
            record(Action.MEMORY_READ, by=SYSTEM, text="Zanzibar7")

        assert AuditEvent.objects.filter(action="memory.read").count() == 0
