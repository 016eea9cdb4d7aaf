"""The embedding model of this installation, chosen by the setting EMBEDDER."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.memories.embedders.port import Embedder, EmbedderError, Vector

__all__ = [
    "Embedder",
    "EmbedderError",
    "Vector",
    "get_embedder",
    "load_embedder",
    "substitute_embedder",
]

_substitute: ContextVar[Embedder | None] = ContextVar("substitute_embedder", default=None)


def get_embedder() -> Embedder:
    """The installation's, unless this thread stands in `substitute_embedder`."""
    return _substitute.get() or load_embedder()


@contextmanager
def substitute_embedder(embedder: Embedder) -> Iterator[None]:
    """Embed with this one inside, in this thread only: for texts that nobody has to understand."""
    token = _substitute.set(embedder)
    try:
        yield
    finally:
        _substitute.reset(token)


@functools.cache
def load_embedder() -> Embedder:
    """One per process, loaded at its first use. After a change of settings, `cache_clear()`."""
    match settings.EMBEDDER:
        case "local":
            return _make_local()
        case "openai":
            return _make_openai()
    raise ImproperlyConfigured(f"EMBEDDER is {settings.EMBEDDER!r}: use local or openai.")


def _make_local() -> Embedder:
    from apps.memories.embedders.local import LocalEmbedder  # heavy: only the chosen one

    return LocalEmbedder(settings.DATA_DIR / "models")


def _make_openai() -> Embedder:
    from apps.memories.embedders.openai import OpenAIEmbedder  # heavy: only the chosen one

    return OpenAIEmbedder(
        model=settings.EMBEDDING_MODEL,
        dimensions=settings.EMBEDDING_DIMENSIONS,
        api_key=settings.OPENAI_API_KEY or "",
        base_url=settings.OPENAI_BASE_URL,
    )
