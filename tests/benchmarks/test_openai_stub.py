import base64
import json

import numpy as np
import pytest
from benchmarks.openai_stub import answer, chat, embed


def test_vectors_depend_on_the_text_alone_and_have_length_one():
    rows = embed(["tea", "cake", "tea"])

    assert rows.shape == (3, 384)
    assert np.array_equal(rows[0], rows[2])
    assert not np.array_equal(rows[0], rows[1])
    assert np.allclose(np.linalg.norm(rows, axis=1), 1)


def test_both_encodings_hold_the_same():
    request = {"model": "m", "input": "tea", "dimensions": 8}

    floats = answer(json.dumps(request).encode())[1]["data"][0]["embedding"]
    packed = answer(json.dumps(request | {"encoding_format": "base64"}).encode())[1]

    decoded = np.frombuffer(base64.b64decode(packed["data"][0]["embedding"]), np.float32)
    assert decoded.tolist() == floats
    assert len(floats) == 8


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"input": 7}', b'{"input": [7]}'])
def test_it_refuses(body):
    assert answer(body)[0] == 400


def test_chat_makes_a_statement_of_each_message():
    shown = {"new_messages": [{"number": 1, "text": "I drink tea."}]}
    asked = {"messages": [{}, {"content": json.dumps(shown)}]}

    status, document = chat(json.dumps(asked).encode())

    content = json.loads(document["choices"][0]["message"]["content"])
    assert (status, [each["text"] for each in content["statements"]]) == (200, ["I drink tea."])
    assert chat(b"{}")[0] == 400
