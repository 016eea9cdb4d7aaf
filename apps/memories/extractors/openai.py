"""Statements and summaries by a chat model of any host that speaks OpenAI's API."""

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any

import httpx2
import openai
import orjson

from apps.memories.enums import JobError
from apps.memories.extractors.answers import read_answer, read_summary
from apps.memories.extractors.port import (
    Conversation,
    Dated,
    Extraction,
    ExtractorError,
    Summary,
)
from apps.memories.extractors.prompt import SCHEMA, write_prompt, write_summary_prompt
from apps.memories.outside import OutsideForbidden, refuse_outside
from apps.telemetry.enums import Purpose
from apps.telemetry.outbound import note_call

MOST_BYTES = 4_000_000  # of an answer
CHARACTERS_A_TOKEN = 4  # where the host does not say what it has cost

REASONS: tuple[tuple[type[openai.OpenAIError], JobError, bool], ...] = (
    (openai.AuthenticationError, JobError.KEY_REFUSED, True),
    (openai.PermissionDeniedError, JobError.KEY_REFUSED, True),
    (openai.NotFoundError, JobError.MODEL_UNKNOWN, True),
    (openai.RateLimitError, JobError.BUSY, False),
    (openai.APITimeoutError, JobError.TIMED_OUT, False),
    (openai.APIConnectionError, JobError.UNREACHABLE, False),
    (openai.InternalServerError, JobError.HOST_FAILED, False),
    (openai.APIStatusError, JobError.REQUEST_REFUSED, True),
)


class OpenAIExtractor:
    """One request a chunk, never repeated here: the job is tried again later.

    The first dialect that the host understands is used from then on: from a strict schema down to
    the bare prompt.
    """

    def __init__(
        self, *, model: str, api_key: str, base_url: str | None, timeout: int, max_tokens: int
    ) -> None:
        self._model = model
        self._api_key = api_key
        self._base_url = base_url or None
        self._timeout = timeout
        self._dialects = _list_dialects(max_tokens)
        self._text_dialects = _list_text_dialects(max_tokens)

    def extract(self, conversation: Conversation) -> Extraction:
        text, tokens = self._ask(write_prompt(conversation), self._dialects)
        with _charging(tokens):
            found = read_answer(text, conversation)
        return Extraction(found.statements, found.refused, *tokens)

    def summarize(self, memories: Sequence[Dated]) -> Summary:
        text, tokens = self._ask(write_summary_prompt(memories), self._text_dialects)
        with _charging(tokens):
            return Summary(read_summary(text), tokens)

    @cached_property
    def _client(self) -> openai.OpenAI:
        return openai.OpenAI(
            api_key=self._api_key or "none",  # compatible hosts often ask for no key
            base_url=self._base_url,
            timeout=self._timeout,
            max_retries=0,
            http_client=openai.DefaultHttpxClient(event_hooks={"request": [_note]}),
        )

    def _ask(
        self, messages: list[dict[str, str]], dialects: list[dict[str, Any]]
    ) -> tuple[str, tuple[int, int]]:
        """The text, and the tokens asked and answered. A dialect that is not understood is left."""
        try:
            refuse_outside(self._base_url)
        except OutsideForbidden:
            raise ExtractorError(JobError.OUTSIDE, is_final=True) from None
        ends = time.monotonic() + self._timeout
        while True:
            dialect = dialects[0]
            try:
                return _read_completion(self._post({"messages": messages, **dialect}, ends))
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                if dialect is dialects[-1] or time.monotonic() >= ends:
                    raise _explain(error) from None
                if dialect is dialects[0]:  # no other thread has left it meanwhile
                    del dialects[0]
            except openai.OpenAIError as error:
                raise _explain(error) from None
            except httpx2.TimeoutException:  # of the body, which the client leaves to us
                raise ExtractorError(JobError.TIMED_OUT) from None
            except httpx2.HTTPError:
                raise ExtractorError(JobError.UNREACHABLE) from None

    def _post(self, body: Mapping[str, Any], ends: float) -> bytes:
        """The answer in pieces, so that a host that drips can't hold a worker."""
        create = self._client.chat.completions.with_streaming_response.create
        given: Any = {"model": self._model, **body}
        parts, size = [], 0
        with create(**given) as response:
            for part in response.iter_bytes():
                parts.append(part)
                size += len(part)
                if size > MOST_BYTES:
                    raise ExtractorError(JobError.CUT_OFF)
                if time.monotonic() > ends:
                    raise ExtractorError(JobError.TIMED_OUT)
        return b"".join(parts)


def _note(request: httpx2.Request) -> None:
    """Each call goes into the list of outbound hosts."""
    sent = int(request.headers.get("Content-Length", 0))
    note_call(request.url.netloc.decode(), Purpose.EXTRACTION, sent=sent)


def _list_dialects(max_tokens: int) -> list[dict[str, Any]]:
    strict = {"name": "statements", "strict": True, "schema": SCHEMA}
    return [
        {
            "response_format": {"type": "json_schema", "json_schema": strict},
            "max_completion_tokens": max_tokens,
            "temperature": 0,
        },
        {
            "response_format": {"type": "json_schema", "json_schema": strict},
            "max_completion_tokens": max_tokens,
        },
        {
            "response_format": {"type": "json_object"},
            "max_tokens": max_tokens,
            "temperature": 0,
        },
        {"max_tokens": max_tokens},
    ]


def _list_text_dialects(max_tokens: int) -> list[dict[str, Any]]:
    return [
        {"max_completion_tokens": max_tokens, "temperature": 0},
        {"max_completion_tokens": max_tokens},
        {"max_tokens": max_tokens},
    ]


@contextmanager
def _charging(tokens: tuple[int, int]) -> Iterator[None]:
    """An answer that can't be read has cost as much as another."""
    try:
        yield
    except ExtractorError as error:
        error.tokens = tokens
        raise


def _read_completion(raw: bytes) -> tuple[str, tuple[int, int]]:
    """The text of the first choice, and the tokens asked and answered."""
    try:
        document = orjson.loads(raw)
        choice = document["choices"][0]
        text = choice["message"]["content"]
    except (ValueError, TypeError, LookupError):
        raise ExtractorError(JobError.NONSENSE) from None
    tokens = _read_usage(document, text)
    if choice.get("finish_reason") == "length":
        raise ExtractorError(JobError.CUT_OFF, tokens=tokens)
    if not isinstance(text, str):  # a tool call, or a refusal
        raise ExtractorError(JobError.NONSENSE, tokens=tokens)
    return text, tokens


def _read_usage(document: Mapping[str, Any], text: Any) -> tuple[int, int]:
    usage = document.get("usage")
    usage = usage if isinstance(usage, dict) else {}
    asked, answered = (usage.get(name) for name in ("prompt_tokens", "completion_tokens"))
    guess = len(text) // CHARACTERS_A_TOKEN if isinstance(text, str) else 0
    return _bound(asked, 0), _bound(answered, guess)


def _bound(value: Any, default: int) -> int:
    return value if type(value) is int and 0 <= value <= MOST_BYTES else default


def _explain(error: openai.OpenAIError) -> ExtractorError:
    """Never the host's own words, which may quote the text."""
    for kind, reason, is_final in REASONS:
        if isinstance(error, kind):
            return ExtractorError(reason, is_final=is_final, wait=_read_wait(error))
    return ExtractorError(JobError.HOST_FAILED)


def _read_wait(error: openai.OpenAIError) -> float:
    """Seconds from Retry-After, if the host sent any."""
    response = getattr(error, "response", None)
    try:
        wait = float(response.headers.get("retry-after", "0")) if response is not None else 0.0
    except ValueError:
        return 0.0
    return wait if math.isfinite(wait) and wait > 0 else 0.0
