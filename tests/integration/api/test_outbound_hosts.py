"""Calls to an embedding host stand in the list of outbound hosts, for the tenant that caused them."""

import json

import pytest
from werkzeug import Response

from apps.memories.domain.embedding_models import current_model_id
from apps.memories.embedders import get_embedder, load_embedder
from apps.memories.models import EmbeddingModel
from apps.telemetry.models import OutboundHost
from apps.telemetry.outbound import ledger

DIMENSIONS = 3


def embed(request):
    texts = json.loads(request.get_data())["input"]
    data = [{"index": n, "embedding": [1, n, 0]} for n, _ in enumerate(texts)]
    return Response(json.dumps({"data": data}), content_type="application/json")


@pytest.fixture
def host(db, settings, httpserver):
    """An embedding host outside, as the settings name it."""
    httpserver.expect_request("/v1/embeddings").respond_with_handler(embed)
    settings.EMBEDDER, settings.EMBEDDING_DIMENSIONS = "openai", DIMENSIONS
    settings.OPENAI_BASE_URL = httpserver.url_for("/v1")
    caches = (load_embedder, current_model_id)
    for cache in caches:
        cache.cache_clear()
    EmbeddingModel.objects.create(name=get_embedder().name, dimensions=DIMENSIONS)
    yield httpserver
    get_embedder()._client.close()
    for cache in caches:
        cache.cache_clear()


def rows():
    ledger._next_writing = 0
    ledger.settle()
    return {
        (row.host, row.purpose, row.tenant_id): (row.calls, row.bytes_out)
        for row in OutboundHost.objects.all()
    }


def sent_bytes(host):
    return [len(request.get_data()) for request, _ in host.log]


def test_calls_are_listed_with_their_bytes(host, api, tenant):
    api.add("I drink tea.")
    api.search("What does she drink?")

    key = (f"{host.host}:{host.port}", "embeddings", tenant.id)
    assert rows() == {key: (2, sum(sent_bytes(host)))}


def test_each_tenant_has_its_own(host, api, other_api, tenant, other_tenant):
    api.add("I drink tea.")
    other_api.add("I like rain.", "I sail.")

    mine, theirs = sent_bytes(host)
    name = f"{host.host}:{host.port}"
    assert rows() == {
        (name, "embeddings", tenant.id): (1, mine),
        (name, "embeddings", other_tenant.id): (1, theirs),
    }


def test_calls_that_failed_are_listed_too(host, api, tenant):
    host.clear()
    host.expect_request("/v1/embeddings").respond_with_data("no", status=400)

    body = {"messages": [{"role": "user", "content": "I drink tea."}], "user_id": "ada"}
    assert api.post("/v3/memories/add/", body).status_code == 503

    [(calls, sent)] = rows().values()
    assert (calls, sent) == (4, sum(sent_bytes(host)))  # each refusal asked again to learn why


def test_nothing_is_listed_without_calls(api):
    api.get("/v1/ping/")

    assert rows() == {}
