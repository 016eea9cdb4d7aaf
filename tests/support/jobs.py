"""What tests of jobs share: accepting, running as a worker does, and the clock of the sweeper."""

from contextlib import contextmanager

import time_machine

from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.memories.domain import queue
from apps.memories.domain.jobs import accept_job
from apps.memories.domain.running import run_chunk
from apps.memories.domain.values import Guidance
from apps.memories.extractors import get_extractor
from apps.memories.models import Job, JobDue, Memory
from tests.support.kernel import make_new

__all__ = ["Guidance"]


@contextmanager
def extractor(settings, name="rules", **more):
    """The installation's extractor, by its settings."""
    settings.EXTRACTOR = name
    for key, value in more.items():
        setattr(settings, key, value)
    get_extractor.cache_clear()
    try:
        yield
    finally:
        get_extractor.cache_clear()


def accept(tenant, *messages, repeat=None, by=SYSTEM, guidance=None, **fields):
    """Answers the id of the job."""
    new = make_new(*messages, **fields)
    if guidance is not None:
        new = type(new)(
            **{name: getattr(new, name) for name in new.__slots__} | {"guidance": guidance}
        )
    return accept_job(tenant_id=tenant.id, new=new, repeat=repeat, by=by)


def work(tenant, job_id):
    """As the task does."""
    return run_chunk(tenant_id=tenant.id, job_id=job_id, by=SYSTEM)


def finish(tenant, job_id):
    """Chunk by chunk to the end."""
    while work(tenant, job_id):
        pass
    return read(tenant, job_id)


def infer(tenant, *messages, **fields):
    """Accept and finish; answers the job."""
    return finish(tenant, accept(tenant, *messages, **fields))


def read(tenant, job_id):
    with tenant_scope(tenant.id):
        return Job.objects.get(id=job_id)


def current(tenant):
    """The texts that are recalled, the oldest first."""
    with tenant_scope(tenant.id):
        return [row.text for row in Memory.objects.current().order_by("id")]


def verdicts(job):
    return [line["verdict"] for line in job.results]


class Clock:
    """Time that stands still until the sweeper is waited for."""

    def __init__(self, traveller):
        self.traveller = traveller

    def pass_seconds(self, seconds):
        self.traveller.shift(seconds)

    def sweep(self, monkeypatch, waiting=0):
        """What the sweeper would send now, as (tenant, job), with so many tasks in the queue."""
        sent = []
        monkeypatch.setattr(queue, "count_waiting", lambda: waiting)
        monkeypatch.setattr(queue, "send_job", lambda *ids: sent.append(ids) or True)
        queue.sweep_jobs()
        return sent


@contextmanager
def stopped_clock(at="2026-05-04T10:20:30Z"):
    with time_machine.travel(at, tick=False) as traveller:
        yield Clock(traveller)


def due():
    return {row.item_id: row.due_at for row in JobDue.objects.all()}
