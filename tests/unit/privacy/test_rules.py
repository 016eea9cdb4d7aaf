"""The table of moves, read as a table: every state with every move."""

import pytest

from apps.audit.catalogue import CATALOGUE
from apps.common.actor import ActorKind
from apps.common.errors import Conflict, Forbidden
from apps.privacy.enums import OPEN, RequestKind, RequestState, Via
from apps.privacy.rules import TABLE, Move, check_move, list_moves, needs_approval

OPERATOR, API_KEY, SYSTEM = ActorKind.OPERATOR, ActorKind.API_KEY, ActorKind.SYSTEM
WHO = {"o": OPERATOR, "k": API_KEY, "s": SYSTEM}
STATES = {
    "received": "verify:oks refuse:o withdraw:ok",
    "verified": "approve:o start:oks block:oks refuse:o withdraw:ok",
    "approved": "start:oks block:oks refuse:o withdraw:ok",
    "running": "finish:s fail:s",
    "done": "",
    "refused": "",
    "withdrawn": "",
    "failed": "start:oks block:oks refuse:o",
    "blocked_by_hold": "start:oks block:oks refuse:o withdraw:ok",
}
TARGETS = {
    "verify": "verified",
    "approve": "approved",
    "start": "running",
    "finish": "done",
    "fail": "failed",
    "block": "blocked_by_hold",
    "refuse": "refused",
    "withdraw": "withdrawn",
}


def allowed(state):
    """By move, who may make it."""
    parts = (part.split(":") for part in STATES[state].split())
    return {move: {WHO[letter] for letter in letters} for move, letters in parts}


def test_tables_name_every_state_and_move():
    assert STATES.keys() == set(RequestState)
    assert TARGETS.keys() == set(Move) == TABLE.keys()
    assert {move: rule.target for move, rule in TABLE.items()} == TARGETS


@pytest.mark.parametrize("mover", ActorKind)
@pytest.mark.parametrize("move", Move)
@pytest.mark.parametrize("state", RequestState)
def test_move_is_decided(state, move, mover):
    movers = allowed(state).get(move)
    refusal = Conflict if movers is None else None if mover in movers else Forbidden

    if refusal:
        with pytest.raises(refusal):
            check_move(move, state=state, mover=mover, needs_approval=False)
    else:
        rule = check_move(move, state=state, mover=mover, needs_approval=False)
        assert rule.target == TARGETS[move]


@pytest.mark.parametrize("state", RequestState)
def test_request_that_needs_approval_starts_when_it_is_approved(state):
    moves = list_moves(state=state, mover=OPERATOR, needs_approval=True)

    assert (Move.START in moves) == (state in {"approved", "failed", "blocked_by_hold"})


def test_moves_of_a_mover_are_listed():
    assert list_moves(state="verified", mover=OPERATOR, needs_approval=False) == [
        Move.APPROVE,
        Move.START,
        Move.BLOCK,
        Move.REFUSE,
        Move.WITHDRAW,
    ]
    assert list_moves(state="done", mover=OPERATOR, needs_approval=False) == []


def test_states_that_are_over_have_no_moves():
    assert {state for state in RequestState if not STATES[state]} == set(RequestState) - set(OPEN)


@pytest.mark.parametrize("has_api_approval", [False, True])
@pytest.mark.parametrize("has_four_eyes", [False, True])
@pytest.mark.parametrize("via", Via)
@pytest.mark.parametrize("kind", RequestKind)
def test_approval_is_needed_where_the_tenant_asks_for_it(
    kind, via, has_four_eyes, has_api_approval
):
    found = needs_approval(
        kind=kind, via=via, has_four_eyes=has_four_eyes, has_api_approval=has_api_approval
    )

    assert found == ((kind == "erasure" and has_four_eyes) or (via == "api" and has_api_approval))


def test_every_move_leaves_an_event_of_the_catalogue():
    assert {rule.action for rule in TABLE.values()} <= CATALOGUE.keys()
    assert len({rule.action for rule in TABLE.values()}) == len(TABLE)
