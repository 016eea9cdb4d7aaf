"""Which embedder made the vectors that are stored."""

from functools import cache

from django.utils import timezone

from apps.memories.embedders import get_embedder
from apps.memories.models import EmbeddingModel


@cache
def current_model_id() -> int:
    """The row of the configured embedder, read once a process. `choose_model` has made it."""
    embedder = get_embedder()
    return EmbeddingModel.objects.get(name=embedder.name, dimensions=embedder.dimensions).pk


def choose_model() -> bool:
    """Record that the configured embedder is in use from now on; is it another than before?"""
    embedder = get_embedder()
    before = EmbeddingModel.objects.order_by("chosen_at").last()
    name, dimensions = embedder.name, embedder.dimensions
    model, _ = EmbeddingModel.objects.get_or_create(name=name, dimensions=dimensions)
    if before is None or before == model:
        return False
    EmbeddingModel.objects.filter(pk=model.pk).update(chosen_at=timezone.now())
    return True


def recorded_model() -> EmbeddingModel:
    """The one in use, as `choose_model` has recorded it, read without loading a model."""
    return EmbeddingModel.objects.latest("chosen_at")
