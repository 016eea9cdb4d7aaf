"""Work on a request, in chunks: each is a transaction that says how far it got.

A worker holds a lease that each chunk renews. One that dies loses it, and the next goes on where
the row stands; one that was only slow finds its lease gone and writes nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from apps.common.actor import Actor
from apps.common.errors import DomainError
from apps.common.failures import log_failure
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.privacy.domain.due_list import postpone, put_on_list, take_off_list
from apps.privacy.domain.moves import lock_request, make_move
from apps.privacy.enums import RequestState, Step, Work
from apps.privacy.models import Request
from apps.privacy.rules import Move

LEASE = timedelta(seconds=60)
LONG_LEASE = timedelta(minutes=20)  # of a statement that can't be cut into chunks
MOST_TRIES = 5
PAUSES = (5, 20, 60, 300)  # seconds before a try is repeated


class LeaseLost(Exception):
    """Another worker has taken over."""


class StepFailed(Exception):
    """A step could not be done, and may be tried again. Its words are ours, never text of a row."""


@dataclass(frozen=True, slots=True)
class Run:
    """One worker's turn."""

    tenant_id: UUID
    request_id: UUID
    lease: UUID
    by: Actor

    @contextmanager
    def chunk(self, *, lease: timedelta = LEASE) -> Iterator[Request]:
        """The scope of one chunk: its effects and what the row says of them are one transaction."""
        with tenant_scope(self.tenant_id):
            request = lock_request(self.request_id)
            if request.lease != self.lease or request.state != RequestState.RUNNING:
                raise LeaseLost
            yield request
            request.leased_until = timezone.now() + lease
            request.save(update_fields=["progress", "leased_until"])
            postpone(Work.RUN, request.id, at=request.leased_until)


StepFunction = Callable[[Run], bool]
"""Does one chunk of the step, in `run.chunk()`; answers whether the step is done."""

Steps = Mapping[Step, StepFunction]


def run_steps(
    *,
    tenant_id: UUID,
    request_id: UUID,
    steps: Mapping[str, Steps],
    goes_on: Callable[[], bool],
    by: Actor,
) -> bool:
    """Go on with a request while `goes_on`; answers whether something is left to do now.

    `steps` are those of each kind, in their order. Call outside any scope.
    """
    run = _take_lease(tenant_id, request_id, by)
    if run is None:
        return False
    try:
        return _run(run, steps, goes_on)
    except LeaseLost:
        return False
    except Exception as error:  # noqa: BLE001 - whatever it is, the row must say so
        if not isinstance(error, StepFailed | DomainError):
            log_failure(error)
        _note_failure(run, error)
        return False


def count_step(request: Request, step: Step, *, done: int = 0, total: int | None = None) -> None:
    """Add to the figures of a step that are shown while it runs."""
    entry = _entry(request, step)
    entry["done"] = entry.get("done", 0) + done
    if total is not None:
        entry["total"] = total


def is_step_done(request: Request, step: Step) -> bool:
    return "ended_at" in request.progress.get("steps", {}).get(step, {})


def reopen_steps(request: Request, *steps: Step) -> None:
    """They have to be done once more."""
    for step in steps:
        request.progress.get("steps", {}).pop(step, None)


def _run(run: Run, steps: Mapping[str, Steps], goes_on: Callable[[], bool]) -> bool:
    while True:
        with run.chunk() as request:
            step = _next_step(request, steps[request.kind])
            if step is None:
                _finish(request, run.by)
                return False
            function = steps[request.kind][step]
            _entry(request, step).setdefault("started_at", _now())
        if function(run):
            with run.chunk() as request:
                _entry(request, step)["ended_at"] = _now()
        if not goes_on():
            _release(run)
            return True


def _next_step(request: Request, steps: Steps) -> Step | None:
    return next((step for step in steps if not is_step_done(request, step)), None)


def _take_lease(tenant_id: UUID, request_id: UUID, by: Actor) -> Run | None:
    now = timezone.now()
    with tenant_scope(tenant_id):
        free = Q(leased_until=None) | Q(leased_until__lte=now)
        waiting = Request.objects.filter(free, id=request_id, state=RequestState.RUNNING)
        run = Run(tenant_id, request_id, uuid7(), by)
        taken = waiting.update(lease=run.lease, leased_until=now + LEASE)
        if not taken:
            return None
        postpone(Work.RUN, request_id, at=now + LEASE)
        return run


def _release(run: Run) -> None:
    with run.chunk() as request:
        pass
    with tenant_scope(run.tenant_id):
        Request.objects.filter(id=request.id, lease=run.lease).update(leased_until=None)


def _finish(request: Request, by: Actor) -> None:
    request.tries, request.failure = 0, ""
    make_move(request, Move.FINISH, by=by)
    take_off_list(Work.RUN, request.id)


def _note_failure(run: Run, error: Exception) -> None:
    """Try again after a while; after the last try the request has failed, until it is started."""
    with tenant_scope(run.tenant_id):
        if not Request.objects.filter(id=run.request_id, lease=run.lease).exists():
            return  # another has taken over, or the whole tenant is being erased
        request = lock_request(run.request_id)
        if request.lease != run.lease or request.state != RequestState.RUNNING:
            return
        request.tries += 1
        request.failure = _name(error)
        request.leased_until = None
        if request.tries < MOST_TRIES and not isinstance(error, DomainError):
            request.save()
            wait = timedelta(seconds=PAUSES[request.tries - 1])
            put_on_list(Work.RUN, request.id, at=timezone.now() + wait, is_sent=False)
            return
        request.tries = 0
        step = request.steps[-1][0] if request.steps else Step.CLOSE
        make_move(request, Move.FAIL, by=run.by, step=step)
        take_off_list(Work.RUN, request.id)


def _name(error: Exception) -> str:
    return str(error) if isinstance(error, StepFailed) else type(error).__name__


def _entry(request: Request, step: Step) -> dict[str, Any]:
    entry: dict[str, Any] = request.progress.setdefault("steps", {}).setdefault(step.value, {})
    return entry


def _now() -> str:
    return write_moment(timezone.now())


def write_moment(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
