"""Personal data, by its form, where a tenant does not store it."""

import ipaddress
import re
from collections.abc import Iterator, Sequence

import phonenumbers
from stdnum import iban

from apps.memories.enums import Sensitive
from apps.memories.hygiene.national_ids import find_national_ids
from apps.memories.hygiene.parts import Part

EMAILS = re.compile(r"[\w.%+'-]{1,64}@(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,24}")
IBANS = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}[0-9]{2}(?:[ -]?[A-Za-z0-9]){11,30}")
ADDRESSES = re.compile(
    r"(?<![0-9.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?!\.?[0-9])"
    r"|(?<![0-9A-Za-z:])(?:[0-9A-Fa-f]{0,4}:){2,7}(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3}|[0-9A-Fa-f]{0,4})"
)


def find_personal(text: str, kind: Sensitive, countries: Sequence[str]) -> Iterator[Part]:
    """Those of one kind, in their order."""
    match kind:
        case Sensitive.EMAIL:
            return (Part(kind, *found.span()) for found in EMAILS.finditer(text))
        case Sensitive.PHONE:
            return _find_phones(text, countries)
        case Sensitive.IBAN:
            return _find_ibans(text)
        case Sensitive.IP:
            return _find_addresses(text)
        case Sensitive.NATIONAL_ID:
            return find_national_ids(text, countries)
    raise ValueError(kind)


def _find_phones(text: str, countries: Sequence[str]) -> Iterator[Part]:
    """Those that begin with + everywhere, and those as they are dialled in these countries."""
    spans = {
        (found.start, found.end)
        for country in countries or (None,)
        for found in phonenumbers.PhoneNumberMatcher(text, country)
    }
    end = 0
    for start, stop in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= end:
            end = stop
            yield Part(Sensitive.PHONE, start, stop)


def _find_ibans(text: str) -> Iterator[Part]:
    """Words may follow one: then it is the longest beginning that is valid."""
    for found in IBANS.finditer(text):
        start, stop = found.span()
        for end in range(stop, start + 14, -1):
            if text[end - 1].isalnum() and iban.is_valid(text[start:end]):
                yield Part(Sensitive.IBAN, start, end)
                break


def _find_addresses(text: str) -> Iterator[Part]:
    for found in ADDRESSES.finditer(text):
        if found.group() == "::":  # of a program, more often than an address
            continue
        try:
            ipaddress.ip_address(found.group())
        except ValueError:
            continue
        yield Part(Sensitive.IP, *found.span())
