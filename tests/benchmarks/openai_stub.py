"""A server of embeddings and chat that speaks OpenAI's dialect and costs next to nothing.

openai_stub.py [--port 8123] listens on loopback only. Vectors are unit length and depend on the
text alone. To be used with EMBEDDER=openai and OPENAI_BASE_URL=http://127.0.0.1:8123/v1 where
the store is measured and not the model.
"""

import argparse
import asyncio
import base64
import contextlib
import hashlib
import json
import sys
from pathlib import Path

_HERE = Path(__file__).resolve().parent  # holds an http.py, which would hide the standard one
sys.path[:] = [str(_HERE.parent), *(p for p in sys.path if Path(p or ".").resolve() != _HERE)]

import numpy as np  # noqa: E402

DIMENSIONS = 384


def embed(texts: list[str], dimensions: int = DIMENSIONS) -> np.ndarray:
    """Unit vectors, one row a text; the same text gives the same row in every process."""
    digests = b"".join(
        hashlib.shake_128(text.encode("utf-8", "replace")).digest(dimensions) for text in texts
    )
    rows = np.frombuffer(digests, np.uint8).reshape(len(texts), dimensions).astype(np.float32)
    rows -= 127.5
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def encode(rows: np.ndarray, encoding: str) -> list:
    if encoding == "base64":
        return [base64.b64encode(row.tobytes()).decode() for row in rows]
    return rows.tolist()


def answer(body: bytes) -> tuple[int, dict]:
    try:
        request = json.loads(body)
        texts = request["input"]
        texts = [texts] if isinstance(texts, str) else texts
        rows = embed(texts, int(request.get("dimensions") or DIMENSIONS))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        return 400, {"error": {"message": repr(error), "type": "invalid_request_error"}}
    vectors = encode(rows, request.get("encoding_format", "float"))
    data = [
        {"object": "embedding", "index": index, "embedding": vector}
        for index, vector in enumerate(vectors)
    ]
    tokens = sum(map(len, texts)) // 4
    usage = {"prompt_tokens": tokens, "total_tokens": tokens}
    return 200, {"object": "list", "data": data, "model": request.get("model"), "usage": usage}


def chat(body: bytes) -> tuple[int, dict]:
    """As MemoryHub's extraction asks: each new message is a statement."""
    try:
        shown = json.loads(json.loads(body)["messages"][1]["content"])
        statements = [
            {
                "text": message["text"],
                "messages": [message["number"]],
                "categories": ["misc"],
                "date": None,
                "confidence": 1.0,
                "repeats": None,
                "replaces": [],
            }
            for message in shown["new_messages"]
        ]
    except (ValueError, KeyError, TypeError, IndexError) as error:
        return 400, {"error": {"message": repr(error), "type": "invalid_request_error"}}
    text = json.dumps({"statements": statements})
    choice = {"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}
    usage = {"prompt_tokens": len(body) // 4, "completion_tokens": len(text) // 4}
    return 200, {"object": "chat.completion", "choices": [choice], "usage": usage}


def content_length(head: bytes) -> int:
    start = head.lower().find(b"\r\ncontent-length:")
    return int(head[start + 17 :].split(b"\r\n", 1)[0]) if start >= 0 else 0


class Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self.received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        while (end := self.received.find(b"\r\n\r\n")) >= 0:
            head = self.received[:end]
            stop = end + 4 + content_length(head)
            if len(self.received) < stop:
                return
            body, self.received = self.received[end + 4 : stop], self.received[stop:]
            self.respond(head, body)

    def respond(self, head: bytes, body: bytes) -> None:
        target = head.split(b" ", 2)[1]
        status, document = 200, {"status": "ok"}
        if target.endswith(b"/embeddings"):
            status, document = answer(body)
        elif target.endswith(b"/chat/completions"):
            status, document = chat(body)
        payload = json.dumps(document, separators=(",", ":")).encode()
        self.transport.write(
            b"HTTP/1.1 %d OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
            % (status, len(payload), payload)
        )


async def serve(port: int) -> None:
    """Serve until cancelled; port 0 takes a free one. The address is printed once it listens."""
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", port)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"http://127.0.0.1:{port}/v1\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8123)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(parser.parse_args().port))
    return 0


if __name__ == "__main__":
    sys.exit(main())
