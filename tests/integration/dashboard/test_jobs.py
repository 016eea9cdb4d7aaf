"""/dashboard/jobs/, one job, and its retry"""

import pytest

from apps.audit.models import AuditEvent
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.memories.enums import JobState
from apps.memories.models import Job, JobDue, Memory
from apps.tenants.enums import Role
from tests.support import jobs

ROOM = "/dashboard/jobs/"


@pytest.fixture(autouse=True)
def rules(settings):
    with jobs.extractor(settings):
        yield


def page(browser, address=ROOM):
    answer = browser.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def fail(tenant, job_id):
    with tenant_scope(tenant.id):
        job = Job.objects.get(id=job_id)
        job.state, job.error, job.ended_at = JobState.FAILED, "busy", job.created_at
        job.save()
    JobDue.objects.filter(item_id=job_id).delete()


def test_empty_room_says_where_jobs_come_from(browser):
    assert "An add with infer=true makes one" in page(browser)


@pytest.mark.parametrize("count", [1, 3])
def test_number_of_queries_does_not_grow(browser, tenant, count, django_assert_num_queries):
    for n in range(count):
        jobs.infer(tenant, f"I drink tea {n}.", user=f"user {n}")

    with django_assert_num_queries(19):
        page(browser)


def test_room_shows_states_and_filters(browser, tenant, other_tenant):
    done = jobs.infer(tenant, "I drink tea.", user="ada")
    waits = jobs.accept(tenant, "I sing.", user="rob")
    theirs = jobs.accept(other_tenant, "I swim.", user="eve")

    everything, waiting = page(browser), page(browser, f"{ROOM}?state=PENDING")

    assert [str(each) in everything for each in (done.id, waits, theirs)] == [True, True, False]
    assert [str(each) in waiting for each in (done.id, waits, theirs)] == [False, True, False]
    assert "ada" in everything
    assert "I drink tea." not in everything


def test_job_shows_messages_and_what_came_of_them(browser, tenant):
    job = jobs.infer(tenant, "I drink tea.", "How are you?", user="ada")
    with tenant_scope(tenant.id):
        [memory] = Memory.objects.current()
        before = AuditEvent.objects.filter(action="memory.read").count()

    hidden = page(browser, f"{ROOM}{job.id}/")
    shown = browser.post(f"{ROOM}{job.id}/reveal/").content.decode()

    assert [text.count("I drink tea.") for text in (hidden, shown)] == [0, 2]
    assert str(memory.id) in shown
    assert "Nothing known says it." in shown
    assert "1 message not kept" in shown
    with tenant_scope(tenant.id):
        events = AuditEvent.objects.filter(action="memory.read")
        assert events.count() == before + 1
        assert events.last().facts == {"count": 2}


def test_failed_job_is_retried(browser, tenant):
    job_id = jobs.accept(tenant, "I drink tea.")
    fail(tenant, job_id)
    shown = page(browser, f"{ROOM}{job_id}/")
    assert "The extraction host is at its limit." in shown
    assert "Retry job" in shown

    answer = browser.post(f"{ROOM}{job_id}/retry/", follow=True)

    assert "goes on where it stopped" in answer.content.decode()
    assert jobs.finish(tenant, job_id).state == "SUCCEEDED"


def test_job_that_runs_is_not_retried(browser, tenant):
    job_id = jobs.accept(tenant, "I drink tea.")

    answer = browser.post(f"{ROOM}{job_id}/retry/", follow=True)

    assert "Only a job that has failed" in answer.content.decode()
    assert "Retry job" not in page(browser, f"{ROOM}{job_id}/")


def test_viewer_sees_but_does_not_retry(make_operator, sign_in, tenant):
    viewer = sign_in(make_operator(role=Role.VIEWER))
    job_id = jobs.accept(tenant, "I drink tea.")
    fail(tenant, job_id)

    assert "Retry job" not in page(viewer, f"{ROOM}{job_id}/")
    assert viewer.post(f"{ROOM}{job_id}/retry/").status_code == 403


def test_job_of_nobody_and_of_others_is_not_found(browser, other_tenant):
    theirs = jobs.accept(other_tenant, "I swim.")

    assert {browser.get(f"{ROOM}{each}/").status_code for each in (theirs, uuid7())} == {404}
