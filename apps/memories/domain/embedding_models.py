"""Which embedder made the vectors that are stored."""

from functools import cache

from apps.memories.embedders import get_embedder
from apps.memories.models import EmbeddingModel


class ModelChanged(Exception):
    """The vectors in the database were made by another model than the one configured."""


@cache
def current_model_id() -> int:
    """The row of the configured embedder, read once a process. `check_model` has made it."""
    embedder = get_embedder()
    return EmbeddingModel.objects.get(name=embedder.name, dimensions=embedder.dimensions).pk


def check_model() -> None:
    """Raises ModelChanged where vectors of another model are stored; else records this one."""
    embedder = get_embedder()
    other = EmbeddingModel.objects.exclude(name=embedder.name, dimensions=embedder.dimensions)
    if found := other.first():
        raise ModelChanged(
            f"The stored vectors were made by {found.name} with {found.dimensions} dimensions, and"
            f" the settings name {embedder.name} with {embedder.dimensions}. Set EMBEDDER,"
            " EMBEDDING_MODEL and EMBEDDING_DIMENSIONS back, or start with an empty data folder."
        )
    EmbeddingModel.objects.get_or_create(name=embedder.name, dimensions=embedder.dimensions)


def recorded_model() -> EmbeddingModel:
    """The row that `check_model` has made, read without loading a model."""
    return EmbeddingModel.objects.get()
