"""Vectors of any host that speaks OpenAI's embeddings API."""

from collections.abc import Iterator, Sequence
from functools import cached_property, partial
from operator import attrgetter

import numpy as np
import openai
from openai.types import Embedding

from apps.memories.embedders.port import EmbedderError, Vector, to_unit

BATCH_TEXTS = 128
TIMEOUT_SECONDS = 30.0
RETRIES = 2
SENTENCES: dict[type[openai.OpenAIError], str] = {
    openai.AuthenticationError: "The embedding host refused the key: check OPENAI_API_KEY.",
    openai.PermissionDeniedError: "The embedding host refused the key: check OPENAI_API_KEY.",
    openai.NotFoundError: "The embedding host does not know the model: check EMBEDDING_MODEL.",
    openai.RateLimitError: "The embedding host is at its limit: try again later.",
    openai.APITimeoutError: "The embedding host did not answer in time: try again later.",
    openai.APIConnectionError: "The embedding host cannot be reached: check OPENAI_BASE_URL.",
}


class OpenAIEmbedder:
    """One request per 128 texts; waits up to 30 s for each and tries twice more on 429 and 5xx."""

    def __init__(
        self, *, model: str, dimensions: int, api_key: str, base_url: str | None = None
    ) -> None:
        self.name = f"openai/{model}/{dimensions}"
        self.dimensions = dimensions
        self._model = model
        self._api_key = api_key
        self._base_url = base_url or None
        self._asked: int | openai.Omit = dimensions

    def prepare(self) -> None:
        """Nothing: a host that is down for a moment must not keep the application from starting."""

    def embed_texts(self, texts: Sequence[str]) -> list[Vector]:
        return [vector for batch in _batches(texts) for vector in self._request(batch)]

    def embed_query(self, text: str) -> Vector:
        return self.embed_texts([text])[0]

    @cached_property
    def _client(self) -> openai.OpenAI:
        return openai.OpenAI(
            api_key=self._api_key or "none",  # compatible hosts often ask for no key
            base_url=self._base_url,
            timeout=TIMEOUT_SECONDS,
            max_retries=RETRIES,
        )

    def _request(self, texts: Sequence[str]) -> list[Vector]:
        inputs = [text or " " for text in texts]  # hosts refuse the empty string
        try:
            rows = self._create(inputs)
        except openai.OpenAIError as error:
            raise EmbedderError(_explain(error)) from error
        vectors = [to_unit(np.asarray(row.embedding, dtype=np.float32)) for row in rows]
        self._check(vectors, len(texts))
        return vectors

    def _create(self, inputs: list[str]) -> list[Embedding]:
        """Models of one fixed length refuse to be asked for it: then the question is left out."""
        create = partial(self._client.embeddings.create, model=self._model, input=inputs)
        try:
            answer = create(dimensions=self._asked)
        except openai.BadRequestError:
            if self._asked is openai.omit:
                raise
            answer = create()
            self._asked = openai.omit
        return sorted(answer.data, key=attrgetter("index"))

    def _check(self, vectors: list[Vector], expected: int) -> None:
        if len(vectors) != expected:
            raise EmbedderError(f"The host answered {len(vectors)} vectors for {expected} texts.")
        for vector in vectors:
            if vector.shape != (self.dimensions,):
                raise EmbedderError(
                    f"The host answers {vector.size} dimensions, not {self.dimensions}: "
                    "set EMBEDDING_DIMENSIONS to what the model gives."
                )


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
    return "The embedding host gave no usable answer."
