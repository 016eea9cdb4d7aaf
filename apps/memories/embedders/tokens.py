"""Counting tokens by the vocabulary of the local embedder, which every installation has."""

import functools
from typing import Any

from apps.memories.embedders.local import MODEL, open_tokenizer

TOKENIZER_NAME = f"{MODEL}/wordpiece"


def count_tokens(text: str) -> int:
    """Some 20 us a line. A word of more than 100 letters is one token of the vocabulary."""
    return len(_open().encode(text, add_special_tokens=False).ids)


@functools.cache
def _open() -> Any:
    tokenizer = open_tokenizer()
    tokenizer.no_truncation()
    return tokenizer
