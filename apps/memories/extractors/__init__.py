"""The extractor of this installation, chosen by the setting EXTRACTOR."""

import functools
from typing import TYPE_CHECKING, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from apps.memories.extractors.port import (
    Conversation,
    Dated,
    Extraction,
    Extractor,
    ExtractorError,
    Said,
    Statement,
    Summarizer,
    Summary,
)

if TYPE_CHECKING:
    from apps.memories.extractors.openai import OpenAIExtractor

__all__ = [
    "Conversation",
    "Dated",
    "Extraction",
    "Extractor",
    "ExtractorError",
    "Said",
    "Statement",
    "Summarizer",
    "Summary",
    "get_extractor",
    "get_summarizer",
    "has_extractor",
    "has_model",
]

VERBATIM = "verbatim"


def has_extractor() -> bool:
    """False where messages are kept as they are."""
    return bool(settings.EXTRACTOR != VERBATIM)


def has_model() -> bool:
    """Whether a language model extracts, which can write summaries too."""
    return bool(settings.EXTRACTOR == "openai")


@functools.cache
def get_extractor() -> Extractor:
    """One per process, made at its first use. After a change of settings, `cache_clear()`."""
    match settings.EXTRACTOR:
        case "rules":
            return _make_rules()
        case "openai":
            return _make_openai()
    raise ImproperlyConfigured(f"EXTRACTOR is {settings.EXTRACTOR!r}: use rules or openai.")


def _make_rules() -> Extractor:
    from apps.memories.extractors.rules import RulesExtractor  # only the chosen one

    return RulesExtractor()


def get_summarizer() -> Summarizer:
    """The extractor, where that is a model."""
    return cast("OpenAIExtractor", get_extractor())


def _make_openai() -> "OpenAIExtractor":
    from apps.memories.extractors.openai import OpenAIExtractor  # heavy: only the chosen one

    return OpenAIExtractor(
        model=settings.EXTRACTION_MODEL,
        api_key=settings.OPENAI_API_KEY or "",
        base_url=settings.OPENAI_BASE_URL,
        timeout=settings.EXTRACTION_TIMEOUT,
        max_tokens=settings.EXTRACTION_MAX_TOKENS,
    )
