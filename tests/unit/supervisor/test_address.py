import socket
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from memoryhub.embedded.layout import LauncherError
from memoryhub.supervisor import address


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    monkeypatch.delenv("HOST", raising=False)
    monkeypatch.delenv("PORT", raising=False)


@pytest.fixture
def server():
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response({"/healthz": 200}.get(self.path, 503))
            self.end_headers()

        def log_message(self, *_args):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=[0.01]).start()
        yield server.server_port
        server.shutdown()


def test_default_is_loopback():
    assert address.read() == ("127.0.0.1", 8000)


def test_environment_moves_it(monkeypatch):
    monkeypatch.setenv("HOST", "0.0.0.0")
    monkeypatch.setenv("PORT", "9000")

    assert address.read() == ("0.0.0.0", 9000)


@pytest.mark.parametrize("text", ["http", "0", "-1", "65536", "80.5"])
def test_port_must_be_a_number(monkeypatch, text):
    monkeypatch.setenv("PORT", text)

    with pytest.raises(LauncherError) as error:
        address.read()

    assert str(error.value) == f"PORT must be a number from 1 to 65535, not '{text}'."


def test_free_port_is_accepted():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    address.require_free("127.0.0.1", port)


def test_port_in_use_is_one_line(server):
    with pytest.raises(LauncherError) as error:
        address.require_free("127.0.0.1", server)

    assert str(error.value) == (
        f"Cannot listen on 127.0.0.1:{server} (Address already in use): set PORT to a free one."
    )


def test_every_address_is_asked_on_loopback(server):
    assert address.answers("0.0.0.0", server)


def test_nobody_answers(server):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]

    assert not address.answers("127.0.0.1", port)
