"""No embedder, HTTP or mail call inside a transaction; no response that reads while it streams."""

from contextvars import ContextVar
from functools import wraps
from pkgutil import resolve_name

from django.db import connections
from django.http import StreamingHttpResponse

from tests.support import sentinel
from tests.support.alarms import sound

CALLS = (
    "apps.memories.embedders.local:LocalEmbedder.embed_texts",
    "apps.memories.embedders.local:LocalEmbedder.embed_query",
    "apps.memories.embedders.openai:OpenAIEmbedder.embed_texts",
    "apps.memories.embedders.openai:OpenAIEmbedder.embed_query",
    "django.core.mail:EmailMessage.send",
    "smtplib:SMTP.connect",
    "http.client:HTTPConnection.putrequest",  # urllib, urllib3, requests
    "httpx:Client.send",
    "httpx2:Client.send",  # openai
)

_is_streaming = ContextVar("is_streaming", default=False)


def install():
    for place in CALLS:
        holder = resolve_name(place.rpartition(".")[0])
        name = place.rpartition(".")[2]
        setattr(holder, name, _outside_transactions(getattr(holder, name), place))
    StreamingHttpResponse._set_streaming_content = _watch_stream(
        StreamingHttpResponse._set_streaming_content
    )
    sentinel.observe(_refuse_while_streaming)


def is_in_transaction():
    """In one that the application has opened: the test's own does not count."""
    return any(
        not block._from_testcase
        for connection in connections.all(initialized_only=True)
        for block in connection.atomic_blocks
    )


def _outside_transactions(method, place):
    @wraps(method)
    def call(*args, **kwargs):
        if is_in_transaction():
            sound(f"{place} is called inside a transaction.")
        return method(*args, **kwargs)

    return call


def _watch_stream(method):
    @wraps(method)
    def call(response, value):
        if hasattr(value, "__aiter__"):
            sound("A response streams asynchronously, where nobody sees what it reads.")
        method(response, _mark(value))

    return call


def _mark(parts):
    parts = iter(parts)
    while True:
        token = _is_streaming.set(True)
        try:
            part = next(parts)
        except StopIteration:
            return
        finally:
            _is_streaming.reset(token)
        yield part


def _refuse_while_streaming(sql):
    if _is_streaming.get():
        sound(f"A response reads from the database while it streams: {sql}")
