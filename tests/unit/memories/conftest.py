import pytest

from apps.memories.embedders.local import LocalEmbedder


@pytest.fixture(scope="session")
def models(tmp_path_factory):
    """A folder that holds the built graph."""
    folder = tmp_path_factory.mktemp("models")
    LocalEmbedder(folder).prepare()
    return folder


@pytest.fixture(scope="session")
def local(models):
    return LocalEmbedder(models)
