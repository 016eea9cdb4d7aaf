"""Vectors of any host that speaks OpenAI's embeddings API."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import Any

import httpx2
import numpy as np
import openai
import orjson

from apps.memories.embedders.kept import KeptConnection
from apps.memories.embedders.port import EmbedderError, Vector, to_unit
from apps.memories.outside import refuse_outside
from apps.telemetry.enums import Purpose
from apps.telemetry.outbound import note_call

PATH, JSON = "/embeddings", "application/json"
BATCH_TEXTS = 128
TIMEOUT_SECONDS = 30.0
RETRIES = 1  # by the client, after the first try
SENTENCES: dict[type[openai.OpenAIError], str] = {
    openai.AuthenticationError: "The embedding host refused the key: check OPENAI_API_KEY.",
    openai.PermissionDeniedError: "The embedding host refused the key: check OPENAI_API_KEY.",
    openai.NotFoundError: "The embedding host does not know the model: check EMBEDDING_MODEL.",
    openai.RateLimitError: "The embedding host is at its limit: try again later.",
    openai.APITimeoutError: "The embedding host did not answer in time: try again later.",
    openai.APIConnectionError: "The embedding host cannot be reached: check OPENAI_BASE_URL.",
}


NO_ANSWER = "The embedding host gave no usable answer."


class OpenAIEmbedder:
    """One request per 128 texts; waits up to 30 s for each and tries twice more on 429 and 5xx.

    What is refused for good is asked twice, by the second one to learn why.
    """

    def __init__(
        self, *, model: str, dimensions: int, api_key: str, base_url: str | None = None
    ) -> None:
        self.name = f"openai/{model}/{dimensions}"
        self.dimensions = dimensions
        self._model = model
        self._api_key = api_key or "none"  # compatible hosts often ask for no key
        self._base_url = base_url or None
        self._options: Mapping[str, Any] = {"dimensions": dimensions, "encoding_format": "base64"}

    def prepare(self) -> None:
        """Nothing: a host that is down for a moment must not keep the application from starting."""

    def embed_texts(self, texts: Sequence[str]) -> list[Vector]:
        refuse_outside(self._base_url)
        return [vector for batch in _batches(texts) for vector in self._request(batch)]

    def embed_query(self, text: str) -> Vector:
        return self.embed_texts([text])[0]

    @cached_property
    def _client(self) -> openai.OpenAI:
        return openai.OpenAI(
            api_key=self._api_key,
            base_url=self._base_url,
            timeout=TIMEOUT_SECONDS,
            max_retries=RETRIES,
            http_client=openai.DefaultHttpxClient(
                timeout=TIMEOUT_SECONDS, event_hooks={"request": [_note]}
            ),
        )

    @cached_property
    def _kept(self) -> KeptConnection:
        url = str(self._client.base_url).rstrip("/") + PATH
        return KeptConnection(url, timeout=TIMEOUT_SECONDS)

    @cached_property
    def _headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._api_key}", "Content-Type": JSON}

    def _request(self, texts: Sequence[str]) -> list[Vector]:
        inputs = [text or " " for text in texts]  # hosts refuse the empty string
        try:
            answer = self._create(inputs)
        except openai.OpenAIError as error:
            raise EmbedderError(_explain(error)) from error
        vectors = _read_vectors(answer)
        self._check(vectors, len(texts))
        return vectors

    def _create(self, inputs: list[str]) -> bytes:
        """Models of one fixed length refuse to be asked for it: then only the texts are sent."""
        try:
            answer = self._post(inputs, self._options)
        except openai.BadRequestError:
            if not self._options:
                raise
            answer = self._post(inputs, {})
            self._options = {}
        return answer

    def _post(self, inputs: list[str], options: Mapping[str, Any]) -> bytes:
        body = {"model": self._model, "input": inputs, **options}
        answer = self._ask_once(orjson.dumps(body))
        return answer or self._client.post(PATH, cast_to=bytes, body=body)

    def _ask_once(self, body: bytes) -> bytes | None:
        """The host's answer; None for whatever the client has to repeat or to explain."""
        if not self._kept.can_ask:
            return None
        note_call(self._client.base_url.netloc.decode(), Purpose.EMBEDDINGS, sent=len(body))
        return self._kept.post(body, self._headers)

    def _check(self, vectors: list[Vector], expected: int) -> None:
        if len(vectors) != expected:
            raise EmbedderError(f"The host answered {len(vectors)} vectors for {expected} texts.")
        for vector in vectors:
            if vector.shape != (self.dimensions,):
                raise EmbedderError(
                    f"The host answers {vector.size} dimensions, not {self.dimensions}: "
                    "set EMBEDDING_DIMENSIONS to what the model gives."
                )


def _note(request: httpx2.Request) -> None:
    """Each call, those after a failure too, goes into the list of outbound hosts."""
    sent = int(request.headers.get("Content-Length", 0))
    note_call(request.url.netloc.decode(), Purpose.EMBEDDINGS, sent=sent)


def _read_vectors(answer: bytes) -> list[Vector]:
    try:
        rows = sorted(orjson.loads(answer)["data"], key=itemgetter("index"))
        return [to_unit(_read_vector(row["embedding"])) for row in rows]
    except (ValueError, TypeError, LookupError):
        raise EmbedderError(NO_ANSWER) from None


def _read_vector(value: str | list[float]) -> Vector:
    """Base64 of little-endian floats, or a list from hosts that know only that."""
    if isinstance(value, str):
        return np.frombuffer(base64.b64decode(value), dtype="<f4")
    return np.asarray(value, dtype=np.float32)


def _batches(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(texts), BATCH_TEXTS):
        yield texts[start : start + BATCH_TEXTS]


def _explain(error: openai.OpenAIError) -> str:
    """Which setting to look at; never the host's own message, which may quote the text."""
    for kind, sentence in SENTENCES.items():
        if isinstance(error, kind):
            return sentence
    if isinstance(error, openai.APIStatusError):
        return f"The embedding host answered status {error.status_code}."
    return NO_ANSWER
