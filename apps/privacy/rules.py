"""How a request goes on: one table of all moves."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from apps.audit.actions import Action
from apps.common.actor import ActorKind
from apps.common.errors import Conflict, Forbidden
from apps.privacy.enums import RequestKind, RequestState, Via

OPERATOR, API_KEY, SYSTEM = ActorKind.OPERATOR, ActorKind.API_KEY, ActorKind.SYSTEM


class Move(StrEnum):
    VERIFY = "verify"
    APPROVE = "approve"
    START = "start"
    FINISH = "finish"
    FAIL = "fail"
    BLOCK = "block"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, slots=True)
class Rule:
    """From which states a move leads where, who may make it, and what it leaves in the trail."""

    sources: tuple[RequestState, ...]
    target: RequestState
    movers: tuple[ActorKind, ...]
    action: Action


WAITING = (
    RequestState.RECEIVED,
    RequestState.VERIFIED,
    RequestState.APPROVED,
    RequestState.BLOCKED_BY_HOLD,
)
READY = (
    RequestState.VERIFIED,
    RequestState.APPROVED,
    RequestState.FAILED,
    RequestState.BLOCKED_BY_HOLD,
)

TABLE: Mapping[Move, Rule] = {
    Move.VERIFY: Rule(
        (RequestState.RECEIVED,),
        RequestState.VERIFIED,
        (OPERATOR, API_KEY, SYSTEM),
        Action.REQUEST_VERIFY,
    ),
    Move.APPROVE: Rule(
        (RequestState.VERIFIED,), RequestState.APPROVED, (OPERATOR,), Action.REQUEST_APPROVE
    ),
    Move.START: Rule(
        READY, RequestState.RUNNING, (OPERATOR, API_KEY, SYSTEM), Action.REQUEST_START
    ),
    Move.BLOCK: Rule(
        READY, RequestState.BLOCKED_BY_HOLD, (OPERATOR, API_KEY, SYSTEM), Action.REQUEST_BLOCK
    ),
    Move.FINISH: Rule((RequestState.RUNNING,), RequestState.DONE, (SYSTEM,), Action.REQUEST_FINISH),
    Move.FAIL: Rule((RequestState.RUNNING,), RequestState.FAILED, (SYSTEM,), Action.REQUEST_FAIL),
    Move.REFUSE: Rule(
        (*WAITING, RequestState.FAILED), RequestState.REFUSED, (OPERATOR,), Action.REQUEST_REFUSE
    ),
    Move.WITHDRAW: Rule(
        WAITING, RequestState.WITHDRAWN, (OPERATOR, API_KEY), Action.REQUEST_WITHDRAW
    ),
}


def check_move(move: Move, *, state: RequestState, mover: ActorKind, needs_approval: bool) -> Rule:
    """The rule of this move. Conflict where the state forbids it, Forbidden to the wrong mover.

    A request that needs approval starts from `approved` only, the first time.
    """
    rule = TABLE[move]
    is_early = move == Move.START and state == RequestState.VERIFIED and needs_approval
    if state not in rule.sources or is_early:
        raise Conflict(f"A request that is {state.replace('_', ' ')} can't {move}.")
    if mover not in rule.movers:
        raise Forbidden(f"This is for an operator: {move} a request.")
    return rule


def list_moves(*, state: RequestState, mover: ActorKind, needs_approval: bool) -> list[Move]:
    """Those that this mover may make now."""
    found = []
    for move in Move:
        try:
            check_move(move, state=state, mover=mover, needs_approval=needs_approval)
        except (Conflict, Forbidden):
            continue
        found.append(move)
    return found


def needs_approval(
    *, kind: RequestKind, via: Via, has_four_eyes: bool, has_api_approval: bool
) -> bool:
    """Kinds but erasure skip approval, unless the tenant wants to see what applications ask."""
    if via == Via.API and has_api_approval:
        return True
    return kind == RequestKind.ERASURE and has_four_eyes
