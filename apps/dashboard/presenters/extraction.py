"""How texts become memories here, and where they go for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings

from apps.memories.enums import Verdict
from apps.memories.outside import is_outside

if TYPE_CHECKING:
    from apps.dashboard.presenters.parts import StateKind
    from apps.memories.extractors import Extraction

OPENAI = "openai"
WORDS = {
    "verbatim": "messages are kept as they are",
    "rules": "each sentence that a user states; no model",
    OPENAI: "a chat model",
}


@dataclass(frozen=True, slots=True)
class Provider:
    name: str
    model: str
    host: str
    state: StateKind
    word: str


@dataclass(frozen=True, slots=True)
class Found:
    text: str
    categories: tuple[str, ...]
    confidence: str


@dataclass(frozen=True, slots=True)
class Trial:
    statements: tuple[Found, ...]
    refused: tuple[str, ...]
    tokens: int


def extraction_provider() -> Provider:
    if settings.EXTRACTOR != OPENAI:
        return Provider(WORDS[settings.EXTRACTOR], "none", "none", "done", "in the house")
    return _hosted(WORDS[OPENAI], settings.EXTRACTION_MODEL)


def embedding_provider() -> Provider:
    if settings.EMBEDDER != OPENAI:
        return Provider("a model on this machine", "built in", "none", "done", "in the house")
    return _hosted("a host that speaks OpenAI's API", settings.EMBEDDING_MODEL)


def list_limits() -> list[tuple[str, str]]:
    """By what they limit."""
    per_job, per_day = settings.EXTRACTION_JOB_TOKENS, settings.EXTRACTION_DAY_TOKENS
    return [
        ("Seconds of one call", f"{settings.EXTRACTION_TIMEOUT:,}"),
        ("Tokens of one answer", f"{settings.EXTRACTION_MAX_TOKENS:,}"),
        ("Tokens of one job", f"{per_job:,}" if per_job else "no limit"),
        ("Tokens of the tenant in a day", f"{per_day:,}" if per_day else "no limit"),
        ("Messages of one call", f"{settings.EXTRACTION_MESSAGES:,}"),
        ("Tries of one call", f"{settings.JOB_TRIES:,}"),
    ]


def trial(extraction: Extraction) -> Trial:
    return Trial(
        statements=tuple(
            Found(one.text, one.categories, f"{one.confidence:.2f}")
            for one in extraction.statements
        ),
        refused=tuple(Verdict(one).label for one in extraction.refused),
        tokens=extraction.tokens_in + extraction.tokens_out,
    )


def _hosted(name: str, model: str) -> Provider:
    """The host without what may be secret; the key is never shown."""
    url = settings.OPENAI_BASE_URL
    host = urlsplit(url).netloc.rpartition("@")[2] if url else "api.openai.com"
    outside = is_outside(url)
    return Provider(
        name,
        model,
        host,
        "outside" if outside else "done",
        "outside" if outside else "in the house",
    )
