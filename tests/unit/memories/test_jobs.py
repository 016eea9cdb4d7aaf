"""Accepting jobs, running them in order and once, and ending them early."""

import pytest

from tests.support import jobs
from tests.support.jobs import accept, current, finish, infer, read, verdicts, work


@pytest.fixture(autouse=True)
def rules(settings):
    with jobs.extractor(settings):
        yield


def test_job_makes_memories_of_what_a_user_states(tenant):
    job = infer(tenant, "I drink tea. Do you like tea? I live in Oslo.")

    assert job.state == "SUCCEEDED"
    assert current(tenant) == ["I drink tea.", "I live in Oslo."]
    assert verdicts(job) == ["new", "new"]
