"""One POST to an address that a tenant has written down: to public hosts only, and no further."""

import http.client
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Timer
from urllib.parse import urlsplit

from django.conf import settings

from apps.memories.enums import DeliveryError
from apps.telemetry.enums import Purpose
from apps.telemetry.outbound import note_call

TIMEOUT = 5  # seconds of one step
DEADLINE = 15  # seconds of all: a host that drips can't hold a worker
TRANSLATED = ip_network("64:ff9b::/96")  # IPv4 behind NAT64


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it. Without an error it was taken."""

    error: DeliveryError | None
    status: int | None = None


class _Refused(Exception):
    def __init__(self, error: DeliveryError) -> None:
        super().__init__(error)
        self.error = error


def post(url: str, body: bytes, headers: dict[str, str]) -> Answer:
    """The address is resolved once, checked, and that very one is connected to.

    So a name that leads elsewhere a moment later gains nothing. Follows no redirect, asks no proxy,
    reads no body. Raises nothing of the network.
    """
    try:
        status = _exchange(url, body, headers)
    except _Refused as refused:
        return Answer(refused.error)
    except ssl.SSLCertVerificationError:
        return Answer(DeliveryError.UNTRUSTED)
    except TimeoutError:
        return Answer(DeliveryError.TIMED_OUT)
    except (OSError, ValueError, http.client.HTTPException):
        return Answer(DeliveryError.UNREACHABLE)
    if 300 <= status < 400:  # noqa: PLR2004
        return Answer(DeliveryError.REDIRECTED, status)
    return Answer(None if 200 <= status < 300 else DeliveryError.REFUSED, status)  # noqa: PLR2004


def is_public(address: str) -> bool:
    """Also of what is wrapped into an IPv6 address: a private one behind it is private."""
    found = ip_address(address.partition("%")[0])
    inner = _unwrap(found) if isinstance(found, IPv6Address) else found
    return inner.is_global and not inner.is_multicast and not inner.is_reserved


def _unwrap(found: IPv6Address) -> IPv4Address | IPv6Address:
    if found in TRANSLATED:
        return IPv4Address(int(found) & 0xFFFFFFFF)
    teredo = found.teredo[1] if found.teredo else None
    return found.ipv4_mapped or found.sixtofour or teredo or found


def _exchange(url: str, body: bytes, headers: dict[str, str]) -> int:
    parts = urlsplit(url)
    host, is_secure = parts.hostname or "", parts.scheme == "https"
    port = parts.port or (443 if is_secure else 80)
    with (
        socket.create_connection((_resolve(host, port), port), timeout=TIMEOUT) as plain,
        plain.dup() as spare,
        _hanging_up(spare),
        _secure(plain, host) if is_secure else plain as wire,
        closing(http.client.HTTPConnection(host, port)) as client,
    ):
        client.sock = wire
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        note_call(parts.netloc.rpartition("@")[2], Purpose.WEBHOOKS, sent=len(body))
        client.request("POST", target, body, {"User-Agent": "MemoryHub", **headers})
        with client.getresponse() as response:
            return response.status


@contextmanager
def _hanging_up(spare: socket.socket) -> Iterator[None]:
    """Ends the connection at the deadline, whatever it is waiting for."""
    timer = Timer(DEADLINE, partial(_hang_up, spare))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _resolve(host: str, port: int) -> str:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise _Refused(DeliveryError.UNKNOWN_HOST) from None
    addresses = [str(entry[4][0]) for entry in found]
    if settings.WEBHOOK_PRIVATE_ADDRESSES:
        return addresses[0]
    if not all(map(is_public, addresses)):
        raise _Refused(DeliveryError.PRIVATE)
    return addresses[0]


def _secure(plain: socket.socket, host: str) -> ssl.SSLSocket:
    return ssl.create_default_context().wrap_socket(plain, server_hostname=host)


def _hang_up(spare: socket.socket) -> None:
    with suppress(OSError):
        spare.shutdown(socket.SHUT_RDWR)
