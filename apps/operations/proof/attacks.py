"""What an attack is, and how it is tried: in a transaction that is rolled back, whatever it did."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sized
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, transaction

from apps.common.errors import NotFound
from apps.isolation.scope import TenantScopeError
from apps.keys.ring import KeyDestroyed
from apps.operations.proof.report import Finding, Wall
from apps.operations.proof.stage import ControlFailed, Stage, measure

DENIED, WITHOUT_TARGET = "42501", "23503"  # PostgreSQL's codes: no right or policy; foreign key
NOTHING = "nothing found"

Act = Callable[[], object]
Refusal = type[Exception] | str

REFUSALS: dict[Refusal, str] = {
    ObjectDoesNotExist: "not found",
    NotFound: "not found",
    TenantScopeError: "refused by the row filters",
    KeyDestroyed: "no key to open it with",
    DENIED: "refused by PostgreSQL",
}
"""How an attack may end besides finding nothing."""

WORDS = REFUSALS | {WITHOUT_TARGET: "refused by the foreign key"}


@dataclass(frozen=True, slots=True)
class Attack:
    """What is tried inside a scope, by place. An act answers what it got hold of.

    Nothing is good, and so is a refusal; where `refusal` is given, only that one is.
    """

    name: str
    wall: Wall
    acts: Callable[[Stage], Mapping[str, Act]]
    scope: Callable[[Stage], AbstractContextManager[object]] = nullcontext
    refusal: Refusal | None = None
    unit: str = "table"


@dataclass(frozen=True, slots=True)
class Outcome:
    is_ok: bool
    words: str


def run_attack(attack: Attack, stage: Stage) -> Finding:
    """Try it at each place, and look at their rows before and after."""
    with rolled_back():
        if measure(stage.theirs) != stage.planted:
            return make_finding(attack, fail("their rows are gone"))
        outcomes = try_attack(attack, stage)
        after = measure(stage.theirs)
    changed = [table for table, found in after.items() if found != stage.planted[table]]
    outcomes |= {table: Outcome(is_ok=False, words="their rows were changed") for table in changed}
    return make_finding(attack, outcomes)


def try_attack(attack: Attack, stage: Stage) -> dict[str, Outcome]:
    acts = attack.acts(stage)
    try:
        with attack.scope(stage):
            return {place: try_act(act, attack.refusal) for place, act in acts.items()}
    except ControlFailed as error:
        return fail(str(error))


def try_act(act: Act, refusal: Refusal | None) -> Outcome:
    try:
        with transaction.atomic():
            got = act()
    except ControlFailed as error:
        return Outcome(is_ok=False, words=str(error))
    except Exception as error:  # noqa: BLE001 - what else it raises is a finding like any other
        return judge_error(error, refusal)
    if refusal:
        return Outcome(is_ok=False, words="was not refused")
    return Outcome(is_ok=is_nothing(got), words=NOTHING if is_nothing(got) else describe(got))


def fail(words: str) -> dict[str, Outcome]:
    """Of an attack that could not be tried anywhere."""
    return {"": Outcome(is_ok=False, words=words)}


def judge_error(error: Exception, wanted: Refusal | None) -> Outcome:
    allowed = REFUSALS if wanted is None else {wanted: WORDS[wanted]}
    if wanted is None and type(error) is DatabaseError:  # Django's: an UPDATE that found no row
        return Outcome(is_ok=True, words=NOTHING)
    for refusal, words in allowed.items():
        is_kind = isinstance(refusal, type) and isinstance(error, refusal)
        if is_kind or refusal == read_code(error):
            return Outcome(is_ok=True, words=words)
    return Outcome(is_ok=False, words=f"not tried: {read_code(error) or type(error).__name__}")


def read_code(error: Exception) -> str:
    """PostgreSQL's, of an error of the database."""
    return getattr(error.__cause__, "sqlstate", None) or ""


def is_nothing(got: object) -> bool:
    """No rows, none counted, or none deleted as Django counts them."""
    return not got or (isinstance(got, tuple) and len(got) > 1 and got[0] == 0)


def describe(got: object) -> str:
    """How much got through; never what."""
    count = got if type(got) is int else len(got) if isinstance(got, Sized) else 1
    return f"got {count}"


def make_finding(attack: Attack, outcomes: Mapping[str, Outcome]) -> Finding:
    faults = {place: one.words for place, one in outcomes.items() if not one.is_ok}
    if not outcomes:
        return Finding(attack.name, attack.wall, is_ok=False, detail="nothing was tried")
    if faults:
        detail = "; ".join(f"{place}: {words}" if place else words for place, words in faults.items())
        return Finding(attack.name, attack.wall, is_ok=False, detail=detail)
    return Finding(attack.name, attack.wall, is_ok=True, detail=sum_up(attack, outcomes))


def sum_up(attack: Attack, outcomes: Mapping[str, Outcome]) -> str:
    """Such as `10 tables: nothing found`."""
    if "" in outcomes:
        return outcomes[""].words
    counts = Counter(one.words for one in outcomes.values())
    return "; ".join(
        f"{count} {attack.unit}{'' if count == 1 else 's'}: {words}"
        for words, count in counts.most_common()
    )


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
