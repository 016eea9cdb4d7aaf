"""pgvector's columns in the text form that is cheapest to make."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import orjson
from pgvector.django import HalfVectorField, SparseVectorField

from apps.memories.embedders import Vector

TOKEN_BYTES = 32  # of a keyed hash
TERM_SPACE = 999_999_999  # pgvector's sparse vectors have at most a billion dimensions


class EmbeddingField(HalfVectorField):
    """A numpy vector in, half precision in the database."""

    def get_prep_value(self, value: Any) -> Any:
        return write_embedding(value) if isinstance(value, np.ndarray) else value


class TermsField(SparseVectorField):
    """`{term: weight}` in; terms count from 1 to TERM_SPACE."""

    def get_prep_value(self, value: Any) -> Any:
        return write_terms(value) if isinstance(value, Mapping) else value


def write_embedding(vector: Vector) -> str:
    return orjson.dumps(vector.astype(np.float16), option=orjson.OPT_SERIALIZE_NUMPY).decode()


def write_terms(terms: Mapping[int, int]) -> str:
    inside = ",".join(f"{term}:{weight}" for term, weight in terms.items())
    return f"{{{inside}}}/{TERM_SPACE}"
