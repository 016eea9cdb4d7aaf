"""One POST to an address that a tenant has written down: what it reaches, and what it says then."""

import socket

import pytest

from apps.memories import posting
from apps.memories.enums import DeliveryError
from apps.memories.posting import Answer, is_public, post
from tests.integration.server import free_port
from tests.support import hooks

PUBLIC = "93.184.216.34"


@pytest.fixture
def receiver():
    with hooks.receiving() as receiver:
        yield receiver


@pytest.fixture
def private(settings):
    """As where the setting allows it."""
    settings.WEBHOOK_PRIVATE_ADDRESSES = True


@pytest.fixture
def names(monkeypatch):
    """What names lead to: the next answer each time one is asked for."""
    answers = []

    def look_up(host, port, **_):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in answers.pop(0)]

    monkeypatch.setattr(posting.socket, "getaddrinfo", look_up)
    return answers


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.2.1"),
        *("::1", "::", "fe80::1%eth0", "fc00::1", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe"),
        *("2002:7f00:1::", "2002:a00:1::"),
    ],
)
def test_address_is_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", [PUBLIC, "2606:2800:220:1::1", "64:ff9b::5db8:d822"])
def test_address_is_public(address):
    assert is_public(address)


def test_body_and_headers_arrive(receiver, private):
    assert post(receiver.url, b'{"event_details": {}}', {"X-Ours": "1"}) == Answer(None, 204)

    [(path, headers, body)] = receiver.got
    assert (path, body) == ("/hook?token=s3cret", b'{"event_details": {}}')
    assert (headers["X-Ours"], headers["User-Agent"]) == ("1", "MemoryHub")


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "0", "2130706433", "0x7f.1"])
def test_private_address_is_refused_however_it_is_written(receiver, host):
    url = f"http://{host}:{receiver.port}/"

    assert post(url, b"{}", {}) in [
        Answer(DeliveryError.PRIVATE), Answer(DeliveryError.UNKNOWN_HOST),
    ]  # fmt: skip
    assert receiver.got == []


def test_name_that_leads_to_a_private_address_too_is_refused(receiver, names):
    names.append([PUBLIC, "127.0.0.1"])

    assert post(f"http://hook.example:{receiver.port}/", b"{}", {}).error == DeliveryError.PRIVATE
    assert receiver.got == []


def test_name_that_is_bound_anew_gains_nothing(receiver, names, monkeypatch):
    """It is asked for once, and the address that was checked is the one that is connected to."""
    names += [[PUBLIC], ["127.0.0.1"]]
    connected = []

    def connect(address, **_):
        connected.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(posting.socket, "create_connection", connect)

    assert post("http://hook.example:81/", b"{}", {}) == Answer(DeliveryError.UNREACHABLE)
    assert connected == [(PUBLIC, 81)]
    assert names == [["127.0.0.1"]]


def test_redirect_is_not_followed(receiver, private):
    receiver.script = [302]

    assert post(receiver.url, b"{}", {}) == Answer(DeliveryError.REDIRECTED, 302)
    assert len(receiver.got) == 1


@pytest.mark.parametrize("status", [199, 400, 404, 500])
def test_any_other_status_is_a_refusal(receiver, private, status):
    receiver.script = [status]

    found = post(receiver.url, b"{}", {})

    assert found.error in {DeliveryError.REFUSED, DeliveryError.UNREACHABLE}


def test_host_that_is_away(private):
    answer = post(f"http://127.0.0.1:{free_port()}/", b"{}", {})

    assert answer == Answer(DeliveryError.UNREACHABLE)


def test_host_that_says_nothing(receiver, private, monkeypatch):
    monkeypatch.setattr(posting, "TIMEOUT", 0.2)
    receiver.script = [hooks.silent(1)]

    assert post(receiver.url, b"{}", {}) == Answer(DeliveryError.TIMED_OUT)


def test_host_that_drips_is_left(receiver, private, monkeypatch):
    monkeypatch.setattr(posting, "DEADLINE", 0.3)
    receiver.script = [hooks.drip]

    assert post(receiver.url, b"{}", {}).error == DeliveryError.UNREACHABLE


def test_plain_host_behind_https_is_no_host(receiver, private):
    url = receiver.url.replace("http://", "https://")

    assert post(url, b"{}", {}) == Answer(DeliveryError.UNREACHABLE)
    assert receiver.got == []


def test_name_that_nobody_has(names, monkeypatch):
    def fail(*_, **__):
        raise socket.gaierror

    monkeypatch.setattr(posting.socket, "getaddrinfo", fail)

    assert post("http://nobody.example/", b"{}", {}) == Answer(DeliveryError.UNKNOWN_HOST)


def test_call_is_listed_without_the_password(receiver, private, monkeypatch):
    noted = []
    monkeypatch.setattr(
        posting, "note_call", lambda host, purpose, *, sent: noted.append((host, purpose, sent))
    )

    post(receiver.url.replace("127.0.0.1", "user:word@127.0.0.1"), b"{}", {})

    assert noted == [(f"127.0.0.1:{receiver.port}", "webhooks", 2)]
