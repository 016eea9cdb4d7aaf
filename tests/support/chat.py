"""A host that speaks OpenAI's chat API, on loopback, and answers what a test has scripted."""

import json
import threading
import time
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class ChatHost:
    """`script` holds what is answered next; when it is empty, `otherwise` answers."""

    def __init__(self):
        self.script, self.requests = [], []
        self.otherwise = say()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        self._server.daemon_threads = True
        serve = self._server.serve_forever
        threading.Thread(target=serve, args=(0.01,), daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_address[1]}/v1"

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def shown(self, place=-1):
        """The data of a prompt."""
        return json.loads(self.requests[place]["messages"][1]["content"])

    def _make_handler(host):  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                host.requests.append(json.loads(body))
                answer = host.script.pop(0) if host.script else host.otherwise
                answer(self, host.requests[-1])

            def log_message(self, *_):
                """Nothing: what is asked holds texts."""

        return Handler


@contextmanager
def chat_host():
    host = ChatHost()
    try:
        yield host
    finally:
        host.close()


def statement(text, *messages, **more):
    """In the form asked for."""
    plain = {"categories": [], "date": None, "confidence": 0.9, "repeats": None, "replaces": []}
    return {"text": text, "messages": list(messages) or [1]} | plain | more


def say(*statements, **more):
    return write(json.dumps({"statements": list(statements)} | more))


def write(content, finish="stop", usage=(100, 20), **message):
    """What the model writes, as it is."""
    choice = {"message": {"role": "assistant", "content": content} | message}
    document = {"choices": [choice | {"finish_reason": finish}]}
    if usage:
        document["usage"] = {"prompt_tokens": usage[0], "completion_tokens": usage[1]}
    return send(json.dumps(document).encode())


def send(body, status=200, **headers):
    def answer(handler, _):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def fail(status, **headers):
    return send(b'{"error": {"message": "the host quotes: I drink tea."}}', status, **headers)


def late(seconds, answer):
    def wait(handler, request):
        time.sleep(seconds)
        with suppress(OSError):  # nobody waits any more
            answer(handler, request)

    return wait


def cut(handler, _):
    """The connection ends in the middle of the body."""
    handler.send_response(200)
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [{"mess')


def drip(handler, _):
    """A body that never ends, in small pieces."""
    handler.send_response(200)
    handler.send_header("Content-Length", "100000")
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.1)
    except OSError:
        pass


def flood(handler, _):
    handler.send_response(200)
    handler.send_header("Content-Length", str(10**9))
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b" " * 1_000_000)
    except OSError:
        pass


def hang_up(handler, _):
    handler.close_connection = True
