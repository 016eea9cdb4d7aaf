from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ImproperlyConfigured

from apps.memories.embedders import get_embedder, load_embedder, substitute_embedder
from apps.memories.embedders.fixed import FixedEmbedder
from apps.memories.embedders.local import LocalEmbedder
from apps.memories.embedders.openai import OpenAIEmbedder


@pytest.fixture(autouse=True)
def forget():
    load_embedder.cache_clear()
    yield
    load_embedder.cache_clear()


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


def test_substitute_embeds_inside_alone():
    fixed = FixedEmbedder("a name", 4)

    with substitute_embedder(fixed):
        assert get_embedder() is fixed
    assert get_embedder() is load_embedder()


def test_substitute_is_that_of_one_thread():
    with substitute_embedder(FixedEmbedder("a name", 4)), ThreadPoolExecutor(1) as threads:
        assert threads.submit(get_embedder).result() is load_embedder()


def test_fixed_vectors_are_equal_and_of_length_one():
    fixed = FixedEmbedder("a name", 4)

    first, second = fixed.embed_texts(["one", "two"])

    assert first.tolist() == second.tolist() == fixed.embed_query("three").tolist() == [0.5] * 4
