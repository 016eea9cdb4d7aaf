"""What the rest of the application knows of an embedding model."""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import numpy.typing as npt

Vector = npt.NDArray[np.float32]


class EmbedderError(Exception):
    """The model cannot be reached or cannot be used; the text says what to do."""


class Embedder(Protocol):
    @property
    def name(self) -> str:
        """The model and how it is run; vectors of different names are never compared."""

    @property
    def dimensions(self) -> int: ...

    def prepare(self) -> None:
        """Do ahead of time what the first text would wait for. Raises EmbedderError."""

    def embed_texts(self, texts: Sequence[str]) -> list[Vector]:
        """One vector of length 1 a text, in their order. Raises EmbedderError."""

    def embed_query(self, text: str) -> Vector:
        """The vector of a question, comparable with those of texts. Raises EmbedderError."""


def to_unit(vector: Vector) -> Vector:
    """The vector scaled to length 1; a zero vector stays as it is."""
    length = float(np.linalg.norm(vector))
    return np.asarray(vector / length if length else vector, dtype=np.float32)
