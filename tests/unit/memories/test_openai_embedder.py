import base64
import json
import threading

import numpy as np
import pytest
from werkzeug import Response

from apps.memories.embedders import openai as module
from apps.memories.embedders.openai import OpenAIEmbedder
from apps.memories.embedders.port import EmbedderError

KEY = "sk-test"
PATH = "/v1/embeddings"


@pytest.fixture
def make(httpserver):
    made = []

    def make(dimensions=3, **settings):
        base_url = httpserver.url_for("/v1")
        fields = {"model": "tiny", "api_key": KEY, "base_url": base_url} | settings
        made.append(OpenAIEmbedder(dimensions=dimensions, **fields))
        return made[-1]

    yield make
    for embedder in made:
        embedder._client.close()


def serve(httpserver, answer):
    httpserver.expect_request(PATH, method="POST").respond_with_handler(answer)


def body_of(request):
    return json.loads(request.get_data())


def vectors(request):
    """Three numbers a text, the last text first: the index says which is which."""
    texts = body_of(request)["input"]
    rows = [{"index": n, "embedding": [len(text), 0, 4]} for n, text in enumerate(texts)]
    return answer({"object": "list", "data": rows[::-1], "model": "tiny", "usage": {}})


def answer(body, status=200, headers=None):
    return Response(json.dumps(body), status, headers, content_type="application/json")


def test_vectors_stand_in_the_order_of_the_texts_and_have_length_one(make, httpserver):
    serve(httpserver, vectors)

    found = make().embed_texts(["abc", ""])

    assert np.allclose(found, [[0.6, 0, 0.8], np.array([1, 0, 4]) / 17**0.5])
    assert found[0].dtype == np.float32
    assert np.allclose(make().embed_query("abc"), [0.6, 0, 0.8])


def test_vectors_may_come_as_base64(make, httpserver):
    packed = base64.b64encode(np.array([3, 0, 4], "<f4").tobytes()).decode()
    serve(httpserver, lambda _: answer({"data": [{"index": 0, "embedding": packed}]}))

    assert np.allclose(make().embed_query("abc"), [0.6, 0, 0.8])
    [(request, _)] = httpserver.log
    assert body_of(request)["encoding_format"] == "base64"


@pytest.mark.parametrize(
    "body", ["[", "[]", "{}", '{"data": 7}', '{"data": [{}]}', '{"data": [1]}']
)
def test_an_answer_of_another_shape_is_no_usable_answer(make, httpserver, body):
    serve(httpserver, lambda _: Response(body, content_type="application/json"))

    with pytest.raises(EmbedderError, match="no usable answer"):
        make().embed_texts(["abc"])


@pytest.mark.parametrize("embedding", ["AAA=", {}, ["x"]])
def test_a_vector_of_another_shape_is_no_usable_answer(make, httpserver, embedding):
    serve(httpserver, lambda _: answer({"data": [{"index": 0, "embedding": embedding}]}))

    with pytest.raises(EmbedderError, match="no usable answer"):
        make().embed_texts(["abc"])


def test_the_request_names_model_dimensions_and_key(make, httpserver):
    serve(httpserver, vectors)

    make().embed_texts(["abc"])

    [(request, _)] = httpserver.log
    body = body_of(request)
    assert (body["model"], body["dimensions"], body["input"]) == ("tiny", 3, ["abc"])
    assert request.headers["Authorization"] == f"Bearer {KEY}"


def test_many_texts_are_sent_in_batches(make, httpserver, monkeypatch):
    monkeypatch.setattr(module, "BATCH_TEXTS", 2)
    serve(httpserver, vectors)

    found = make().embed_texts(["a", "bb", "ccc", "dddd", "eeeee"])

    assert [len(body_of(request)["input"]) for request, _ in httpserver.log] == [2, 2, 1]
    assert [round(float(4 * v[0] / v[2])) for v in found] == [1, 2, 3, 4, 5]


def test_no_texts_ask_nothing(make, httpserver):
    assert make().embed_texts([]) == []
    assert httpserver.log == []


def test_a_model_of_one_length_is_asked_without_dimensions(make, httpserver):
    def refuse_dimensions(request):
        if "dimensions" in body_of(request):
            return answer({"error": {"message": "not supported"}}, 400)
        return vectors(request)

    serve(httpserver, refuse_dimensions)
    embedder = make()

    embedder.embed_texts(["a"])
    embedder.embed_texts(["b"])

    asked = ["dimensions" in body_of(request) for request, _ in httpserver.log]
    assert asked == [True, True, False, False]  # the second to learn why


def test_a_host_at_its_limit_is_asked_again(make, httpserver):
    refusals = iter([429, 503])

    def refuse_twice(request):
        status = next(refusals, None)
        return answer({}, status, {"retry-after-ms": "1"}) if status else vectors(request)

    serve(httpserver, refuse_twice)

    assert len(make().embed_texts(["a"])) == 1


@pytest.mark.parametrize(
    ("status", "sentence"),
    [
        (401, "refused the key: check OPENAI_API_KEY"),
        (403, "refused the key: check OPENAI_API_KEY"),
        (404, "does not know the model: check EMBEDDING_MODEL"),
        (400, "answered status 400"),
        (429, "at its limit"),
        (500, "answered status 500"),
    ],
)
def test_a_refusal_says_what_to_look_at(make, httpserver, status, sentence):
    refusal = answer({"error": {"message": "SECRET"}}, status, {"retry-after-ms": "1"})
    serve(httpserver, lambda _: refusal)

    with pytest.raises(EmbedderError, match=sentence) as caught:
        make().embed_query("SECRET")

    assert "SECRET" not in str(caught.value)


def test_other_dimensions_than_configured_are_refused(make, httpserver):
    serve(httpserver, vectors)

    with pytest.raises(EmbedderError, match="3 dimensions, not 4: set EMBEDDING_DIMENSIONS"):
        make(dimensions=4).embed_query("abc")


def test_too_few_vectors_are_refused(make, httpserver):
    row = {"index": 0, "embedding": [1, 2, 3]}
    serve(httpserver, lambda _: answer({"data": [row], "model": "tiny"}))

    with pytest.raises(EmbedderError, match="1 vectors for 2 texts"):
        make().embed_texts(["a", "b"])


def test_a_host_that_is_away_is_named(make, monkeypatch):
    monkeypatch.setattr(module, "RETRIES", 0)

    with pytest.raises(EmbedderError, match="cannot be reached: check OPENAI_BASE_URL"):
        make(base_url="http://127.0.0.1:9/v1").embed_query("abc")


def test_a_slow_host_is_given_up(make, httpserver, monkeypatch):
    monkeypatch.setattr(module, "RETRIES", 0)
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 0.05)
    release = threading.Event()

    def wait(request):
        release.wait(10)
        return vectors(request)

    serve(httpserver, wait)

    with pytest.raises(EmbedderError, match="did not answer in time"):
        make().embed_query("abc")
    release.set()


def test_the_name_tells_model_and_dimensions(make):
    assert (make().name, make().dimensions) == ("openai/tiny/3", 3)


def test_preparing_asks_nothing(make, httpserver):
    make().prepare()

    assert httpserver.log == []
