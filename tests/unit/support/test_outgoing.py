"""Nothing goes out inside a transaction, and nothing is read while a response streams."""

import io
import smtplib
import urllib.request
from contextlib import suppress

import httpx
import httpx2
import pytest
import requests
from django.core.mail import EmailMessage
from django.db import transaction
from django.http import FileResponse, StreamingHttpResponse

from apps.isolation.scope import tenant_scope
from apps.memories.embedders import get_embedder
from apps.memories.embedders.openai import OpenAIEmbedder
from apps.tenants.models import Tenant
from tests.support import alarms, outgoing

CALLS = {
    "local text": lambda url: get_embedder().embed_texts(["a text"]),
    "local query": lambda url: get_embedder().embed_query("a text"),
    "openai": lambda url: OpenAIEmbedder(
        model="m", dimensions=2, api_key="k", base_url=url
    ).embed_texts(["a text"]),
    "mail": lambda url: EmailMessage("subject", "body", to=["ada@halden.example"]).send(),
    "smtp": lambda url: smtplib.SMTP(*url.removeprefix("http://").rstrip("/").split(":")),
    "urllib": lambda url: urllib.request.urlopen(url).read(),
    "requests": lambda url: requests.get(url, timeout=5),
    "httpx": httpx.get,
    "httpx2": httpx2.get,
}


@pytest.mark.parametrize("name", CALLS)
def test_call_inside_a_transaction_sounds_an_alarm(tenant, httpserver, name):
    httpserver.expect_request("/").respond_with_data("")
    url = httpserver.url_for("/")

    for opened in (tenant_scope(tenant.id), transaction.atomic()):
        with alarms.expected() as heard, suppress(Exception), opened:
            CALLS[name](url)
        assert "inside a transaction" in heard[0]
    assert httpserver.log == []


@pytest.mark.parametrize("name", ["local text", "mail", "urllib", "requests", "httpx", "httpx2"])
def test_call_in_the_tests_own_transaction_passes(db, httpserver, name):
    httpserver.expect_request("/").respond_with_data("")

    CALLS[name](httpserver.url_for("/"))


def test_list_names_every_embedder():
    from apps.memories import embedders

    found = [name for name in vars(embedders) if name.startswith("_make_")]
    assert len(found) == 2
    assert sum("Embedder." in place for place in outgoing.CALLS) == 2 * len(found)


def test_response_that_reads_while_it_streams_sounds_an_alarm(db):
    response = StreamingHttpResponse(tenant.slug for tenant in Tenant.objects.iterator())

    with alarms.expected() as heard, pytest.raises(alarms.Alarm):
        list(response)

    assert "while it streams" in heard[0]


def test_response_that_streams_asynchronously_sounds_an_alarm():
    async def parts():
        yield b"part"

    with alarms.expected(), pytest.raises(alarms.Alarm):
        StreamingHttpResponse(parts())


def test_response_that_streams_a_file_passes(db):
    response = FileResponse(io.BytesIO(b"a file"))

    assert b"".join(response) == b"a file"
    assert Tenant.objects.count() == 1


def test_statement_between_two_parts_is_the_readers_own(db):
    for _ in StreamingHttpResponse([b"one", b"two"]):
        assert Tenant.objects.count() == 1
