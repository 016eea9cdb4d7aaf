"""The same vector for every text: where a search must find all that it can reach."""

from collections.abc import Sequence

import numpy as np

from apps.memories.embedders.port import Vector


class FixedEmbedder:
    """Bears the name and dimensions of the installation's model, so that vectors are compared."""

    def __init__(self, name: str, dimensions: int) -> None:
        self.name = name
        self.dimensions = dimensions

    def prepare(self) -> None:
        """Nothing to load."""

    def embed_texts(self, texts: Sequence[str]) -> list[Vector]:
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text: str) -> Vector:  # noqa: ARG002
        return np.full(self.dimensions, self.dimensions**-0.5, dtype=np.float32)
