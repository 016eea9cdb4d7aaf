"""A receiver of webhooks on loopback, which remembers what it got and answers as scripted."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Receiver:
    """`script` holds what is answered next, as a status or a function of the handler; else 204."""

    def __init__(self):
        self.script, self.got = [], []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._make_handler())
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    @property
    def port(self):
        return self._server.server_address[1]

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}/hook?token=s3cret"

    @property
    def told(self):
        """What the requests said."""
        return [json.loads(body)["event_details"] for _, _, body in self.got]

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def _make_handler(receiver):  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.path, dict(self.headers), body))
                answer = receiver.script.pop(0) if receiver.script else 204
                if callable(answer):
                    answer(self)
                else:
                    self.send_response(answer)
                    self.send_header("Location", receiver.url)
                    self.end_headers()

            def log_message(self, *_):
                """Nothing."""

        return Handler


@contextmanager
def receiving():
    receiver = Receiver()
    try:
        yield receiver
    finally:
        receiver.close()


def silent(seconds):
    return lambda _: time.sleep(seconds)


def drip(handler):
    """A first line that never ends, in small pieces."""
    try:
        handler.wfile.write(b"HTTP/1.1 ")
        while True:
            handler.wfile.write(b"x")
            handler.wfile.flush()
            time.sleep(0.05)
    except OSError:
        pass
