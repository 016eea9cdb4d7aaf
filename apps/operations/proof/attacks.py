"""What an attack is, and how it is tried: in a transaction that is rolled back, whatever it did."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sized
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass

from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction

from apps.common.errors import NotFound
from apps.isolation.scope import TenantScopeError
from apps.keys.ring import KeyDestroyed
from apps.operations.proof.report import Finding, Wall
from apps.operations.proof.stage import ControlFailed, Stage, list_changes, measure

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
    try:
        return make_finding(attack, try_between_looks(attack, stage))
    except Exception as error:  # noqa: BLE001 - one that can't be tried must not end the others
        return make_finding(attack, fail(f"not tried: {read_code(error)}"))


def try_between_looks(attack: Attack, stage: Stage) -> dict[str, Outcome]:
    with rolled_back():
        if measure(stage.theirs) != stage.planted:
            return fail("their rows are gone")
        outcomes = try_attack(attack, stage)
        after = measure(stage.theirs)
    for table in list_changes(stage.planted, after):
        before = outcomes.get(table)
        words = f"{before.words}, " if before and not before.is_ok else ""
        outcomes[table] = Outcome(is_ok=False, words=f"{words}their rows were changed")
    return outcomes


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
    if wanted is not None:
        is_wanted = is_refusal(error, wanted)
        other = f"not refused by this wall: {read_code(error)}"
        return Outcome(is_ok=is_wanted, words=WORDS[wanted] if is_wanted else other)
    words = next((words for one, words in REFUSALS.items() if is_refusal(error, one)), "")
    return Outcome(is_ok=bool(words), words=words or f"not tried: {read_code(error)}")


def is_refusal(error: Exception, refusal: Refusal) -> bool:
    return read_code(error) == refusal if isinstance(refusal, str) else isinstance(error, refusal)


def read_code(error: Exception) -> str:
    """PostgreSQL's, of an error of the database, else the name of the error's class."""
    return getattr(error.__cause__, "sqlstate", None) or type(error).__name__


def is_nothing(got: object) -> bool:
    """No rows, none counted, or none deleted as Django counts them."""
    return not got or (isinstance(got, tuple) and len(got) > 1 and got[0] == 0)


def describe(got: object) -> str:
    """How much got through; never what."""
    count = got[0] if isinstance(got, tuple) else len(got) if isinstance(got, Sized) else got
    if type(count) is not int:
        return "got through"
    return f"{count} row{'' if count == 1 else 's'} got through"


def make_finding(attack: Attack, outcomes: Mapping[str, Outcome]) -> Finding:
    faults = [
        f"{place}: {one.words}" if place else one.words
        for place, one in outcomes.items()
        if not one.is_ok
    ]
    if faults or not outcomes:
        detail = "; ".join(faults) or "nothing was tried"
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
