from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from apps.memories.embedders.kept import KeptConnection

HEADERS = {"Authorization": "Bearer sk-1"}


class Host(ThreadingHTTPServer):
    """Answers what it was sent, keeps connections open, and counts them."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answers)
        self.connections, self.requests, self.status, self.closes = 0, [], 200, False


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def setup(self):
        super().setup()
        self.server.connections += 1

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.requests.append((self.path, self.headers["Authorization"]))
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = self.server.closes  # without having said so

    def log_message(self, *_):
        pass


@pytest.fixture
def host():
    server = Host()
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def kept(host):
    kept = KeptConnection(f"http://127.0.0.1:{host.server_port}/v1/embeddings", timeout=5)
    yield kept
    kept._connection.close()


def test_calls_of_a_thread_share_a_connection(host, kept):
    answers = [kept.post(body, HEADERS) for body in (b"one", b"two", b"three")]

    assert answers == [b"one", b"two", b"three"]
    assert host.requests == [("/v1/embeddings", "Bearer sk-1")] * 3
    assert host.connections == 1


def test_threads_have_their_own(host, kept):
    kept.post(b"one", HEADERS)
    found = []

    def ask():
        found.append(kept.post(b"two", HEADERS))
        kept._connection.close()

    thread = Thread(target=ask)
    thread.start()
    thread.join()

    assert (found, host.connections) == ([b"two"], 2)


def test_closed_connection_is_opened_by_the_call_after(host, kept):
    host.closes = True

    answers = [kept.post(b"one", HEADERS) for _ in range(3)]

    assert answers == [b"one", None, b"one"]
    assert host.connections == 2


@pytest.mark.parametrize("status", [201, 204, 301, 400, 401, 429, 500])
def test_whatever_is_not_well_is_no_answer(host, kept, status):
    host.status = status

    assert kept.post(b"", HEADERS) is None


def test_host_that_is_away_is_no_answer(host):
    kept = KeptConnection("http://127.0.0.1:1/v1/embeddings", timeout=5)

    assert kept.post(b"one", HEADERS) is None


@pytest.mark.parametrize(
    ("url", "proxies", "can_ask"),
    [
        ("http://host.example/v1", {}, True),
        ("http://host.example/v1", {"HTTP_PROXY": "http://proxy.example"}, False),
        ("http://host.example/v1", {"HTTPS_PROXY": "http://proxy.example"}, True),
        ("https://host.example/v1", {"HTTPS_PROXY": "http://proxy.example"}, False),
        ("https://host.example/v1", {"ALL_PROXY": "http://proxy.example"}, False),
        (
            "https://host.example/v1",
            {"HTTPS_PROXY": "http://proxy.example", "NO_PROXY": "host.example"},
            True,
        ),
    ],
)
def test_proxies_are_left_to_a_client(monkeypatch, url, proxies, can_ask):
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    for name, value in proxies.items():
        monkeypatch.setenv(name, value)

    assert KeptConnection(url, timeout=5).can_ask is can_ask
