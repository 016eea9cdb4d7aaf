import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from benchmarks.driver import DriveError, Request, Target, drive, whole_body


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b"tea" * 50_000
        self.send_response(200 if self.path == "/good" else 503)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def target():
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Target.parse(f"http://127.0.0.1:{server.server_address[1]}", "key")
        server.shutdown()
        thread.join()


def test_it_sends_every_request_and_measures_each(target):
    bodies = []
    requests = [target.request("GET", "/good", needle=b"tea", times=50_000)] * 20

    sample = drive(target, requests, clients=3, keep=bodies.append)

    assert (len(sample.latencies), len(bodies)) == (20, 20)
    assert set(sample.figures()) == {"per_s", "p50_ms", "p95_ms"}
    assert sample.seconds > 0


def test_an_error_is_never_a_figure(target):
    with pytest.raises(DriveError, match="503"):
        drive(target, [target.request("GET", "/bad")], clients=1)


def test_a_short_answer_is_never_a_figure(target):
    with pytest.raises(DriveError, match="50000 x tea instead of 20"):
        drive(target, [target.request("GET", "/good", needle=b"tea", times=20)], clients=1)


@pytest.mark.parametrize(
    "url", ["http://example.org", "https://127.0.0.1", "http://10.0.0.1:8000", "127.0.0.1:8000"]
)
def test_it_drives_loopback_only(url):
    with pytest.raises(ValueError, match="only http"):
        Target.parse(url, "key")


def test_chunked_answers_are_read():
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked"

    assert whole_body(head + b"\r\n\r\n3\r\ntea", len(head)) is None
    assert whole_body(head + b"\r\n\r\n5\r\n0\r\n\r\n", len(head)) is None
    assert whole_body(head + b"\r\n\r\n3\r\ntea\r\nB\r\n and a cake\r\n0\r\n\r\n", len(head)) == (
        b"tea and a cake"
    )


def test_a_request_is_plain_http():
    request = Target.parse("http://localhost:8000/sub/", "key").request("POST", "/x/", b"{}")

    assert request == Request(
        b"POST /sub/x/ HTTP/1.1\r\nHost: localhost:8000\r\nAuthorization: Token key\r\n"
        b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    )
