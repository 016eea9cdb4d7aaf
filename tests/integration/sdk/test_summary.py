"""`get_summary` of the real client against a server of its own that has a model."""

from uuid import UUID

import pytest

from apps.common.actor import SYSTEM
from apps.memories.domain.running import run_chunk
from tests.integration.server import make_server, serve
from tests.support import chat, jobs


@pytest.fixture
def server(django_db_setup, django_db_blocker, tmp_path, settings):
    with chat.chat_host() as host:
        host.otherwise = chat.write("The user drinks tea.")
        named = {"EXTRACTION_MODEL": "tiny", "OPENAI_BASE_URL": host.url}
        with (
            django_db_blocker.unblock(),
            jobs.extractor(settings, "openai", **named),
            serve(tmp_path / "log", EXTRACTOR="openai", **named) as url,
        ):
            yield make_server(url, django_db_blocker)


def test_get_summary_tells_of_its_job_and_then_the_text(server, client, person):
    client.add("I drink tea.", user_id=person, infer=False)

    [pending] = client.get_summary(filters={"user_id": person})
    assert run_chunk(tenant_id=server.tenant.id, job_id=UUID(pending["event_id"]), by=SYSTEM)
    [done] = client.get_summary(filters={"user_id": person})

    assert (pending["status"], pending["summary"]) == ("PENDING", None)
    assert (done["id"], done["status"]) == (pending["id"], "SUCCEEDED")
    assert (done["summary"], done["memories"]) == ("The user drinks tea.", 1)
