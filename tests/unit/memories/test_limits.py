"""How many memories an entity and a tenant may keep."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.memories.domain import limits
from apps.memories.domain.deletion import delete_memory
from apps.memories.domain.limits import Full
from apps.memories.enums import JobError, JobState
from apps.memories.models import Job, Memory
from tests.support.jobs import accept, extractor, finish
from tests.support.kernel import add


@pytest.fixture(autouse=True)
def few(settings):
    settings.MAX_ENTITY_MEMORIES = 3


def count(tenant):
    with tenant_scope(tenant.id):
        return Memory.objects.live().count()


@pytest.mark.parametrize("kind", ["user", "agent", "app", "run"])
def test_entity_keeps_as_many_as_it_may(tenant, kind):
    add(tenant, "one", "two", **{kind: "x"})

    with pytest.raises(Full) as error:
        add(tenant, "three", "four", **{kind: "x"})

    assert (error.value.detail, error.value.field, count(tenant)) == (
        f"This {kind} has 3 memories, the most that MAX_ENTITY_MEMORIES allows.",
        f"{kind}_id",
        2,
    )
    add(tenant, "three", **{kind: "x"})
    add(tenant, "four", **{kind: "y"})


def test_agent_that_serves_many_users_is_not_full(tenant):
    for user in "abcd":
        add(tenant, "one", user=user, agent="helper")

    add(tenant, "one", agent="helper")

    assert count(tenant) == 5


def test_what_is_deleted_makes_room(tenant):
    first, *_ = add(tenant, "one", "two", "three")
    delete_memory(tenant_id=tenant.id, memory_id=first, by=SYSTEM)

    add(tenant, "four")

    assert count(tenant) == 3


def test_tenant_keeps_as_many_as_it_may(tenant, other_tenant, settings):
    settings.MAX_TENANT_MEMORIES = 2
    add(tenant, "one", user="a")
    add(tenant, "one", user="b")

    with pytest.raises(Full, match=r"This tenant has 2 memories.*MAX_TENANT_MEMORIES"):
        add(tenant, "one", user="c")

    add(other_tenant, "one", user="c")


def test_no_limit_counts_nothing(tenant, settings):
    settings.MAX_ENTITY_MEMORIES = 0

    with CaptureQueriesContext(
        connection,
    ) as queries:
        add(tenant, *"abcdef")

    assert [query for query in queries if "COUNT" in query["sql"]] == []


def test_count_is_repeated_only_near_the_limit(tenant, settings, monkeypatch):
    settings.MAX_ENTITY_MEMORIES = 40
    counted = []
    real = limits._count_owned
    monkeypatch.setattr(
        limits, "_count_owned", lambda *given: counted.append(real(*given)) or counted[-1]
    )

    for number in range(40):
        add(tenant, f"text {number}")

    assert counted[:3] == [0, 3, 6]
    assert counted[-5:] == [35, 36, 37, 38, 39]
    assert len(counted) < 40


def test_job_for_a_full_user_is_refused(tenant):
    add(tenant, "one", "two", "three")

    with pytest.raises(Full):
        accept(tenant, "four")

    with tenant_scope(tenant.id):
        assert Job.objects.count() == 0


def test_job_that_would_pass_the_limit_fails_and_says_so(tenant, settings):
    add(tenant, "I sail.", "I ski.")
    with extractor(settings):
        job = finish(tenant, accept(tenant, "I drink tea. I eat cake. I like jazz."))

    assert (job.state, job.error, count(tenant)) == (JobState.FAILED, JobError.FULL, 2)
