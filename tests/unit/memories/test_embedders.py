import pytest
from django.core.exceptions import ImproperlyConfigured

from apps.memories.embedders import get_embedder
from apps.memories.embedders.local import LocalEmbedder
from apps.memories.embedders.openai import OpenAIEmbedder


@pytest.fixture(autouse=True)
def forget():
    get_embedder.cache_clear()
    yield
    get_embedder.cache_clear()


def test_the_local_one_is_the_default():
    assert isinstance(get_embedder(), LocalEmbedder)
    assert get_embedder() is get_embedder()


def test_the_setting_chooses(settings):
    settings.EMBEDDER = "openai"
    settings.EMBEDDING_MODEL = "tiny"
    settings.EMBEDDING_DIMENSIONS = 12

    embedder = get_embedder()

    assert isinstance(embedder, OpenAIEmbedder)
    assert (embedder.name, embedder.dimensions) == ("openai/tiny/12", 12)


def test_another_name_is_refused(settings):
    settings.EMBEDDER = "other"

    with pytest.raises(ImproperlyConfigured, match="use local or openai"):
        get_embedder()
