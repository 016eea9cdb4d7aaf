"""Numbers that states give to people, where their form or their check digits tell them."""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from importlib import import_module

from apps.memories.enums import Sensitive
from apps.memories.hygiene.parts import Part

FORMS: dict[str, tuple[str, str]] = {
    "AT": ("at.vnr", r"[0-9]{4} ?[0-9]{6}"),
    "BE": ("be.nn", r"[0-9]{2}\.?[0-9]{2}\.?[0-9]{2}[- ]?[0-9]{3}[. ]?[0-9]{2}"),
    "BG": ("bg.egn", r"[0-9]{10}"),
    "BR": ("br.cpf", r"[0-9]{3}\.?[0-9]{3}\.?[0-9]{3}-?[0-9]{2}"),
    "CA": ("ca.sin", r"[0-9]{3}[- ]?[0-9]{3}[- ]?[0-9]{3}"),
    "CH": ("ch.ssn", r"756[. ]?[0-9]{4}[. ]?[0-9]{4}[. ]?[0-9]{2}"),
    "CN": ("cn.ric", r"[0-9]{17}[0-9Xx]"),
    "CZ": ("cz.rc", r"[0-9]{6}/?[0-9]{3,4}"),
    "DE": ("de.idnr", r"[0-9]{2} ?[0-9]{3} ?[0-9]{3} ?[0-9]{3}"),
    "DK": ("dk.cpr", r"[0-9]{6}-?[0-9]{4}"),
    "EE": ("ee.ik", r"[1-8][0-9]{10}"),
    "ES": ("es.nif", r"(?:[0-9]{8}|[XYZxyz][- ]?[0-9]{7})[- ]?[A-Za-z]"),
    "FI": ("fi.hetu", r"[0-9]{6}[-+A-Ya-y][0-9]{3}[0-9A-Za-z]"),
    "FR": ("fr.nir", r"[12] ?[0-9]{2} ?[0-9]{2} ?[0-9][0-9ABab] ?[0-9]{3} ?[0-9]{3} ?[0-9]{2}"),
    "GB": ("gb.nhs", r"[0-9]{3}[- ]?[0-9]{3}[- ]?[0-9]{4}"),
    "GR": ("gr.amka", r"[0-9]{11}"),
    "HR": ("hr.oib", r"[0-9]{11}"),
    "IE": ("ie.pps", r"[0-9]{7}[A-Wa-w][A-IWa-iw]?"),
    "IL": ("il.idnr", r"[0-9]{9}"),
    "IN": ("in_.aadhaar", r"[2-9][0-9]{3}[- ]?[0-9]{4}[- ]?[0-9]{4}"),
    "IT": (
        "it.codicefiscale",
        r"[A-Za-z]{6} ?[0-9]{2}[A-Za-z][0-9]{2} ?[A-Za-z][0-9]{3}[A-Za-z]",
    ),
    "KR": ("kr.rrn", r"[0-9]{6}-?[0-9]{7}"),
    "LT": ("lt.asmens", r"[1-6][0-9]{10}"),
    "MX": ("mx.curp", r"[A-Za-z]{4}[0-9]{6}[A-Za-z]{6}[0-9A-Za-z][0-9]"),
    "NL": ("nl.bsn", r"[0-9]{9}|[0-9]{4}\.[0-9]{2}\.[0-9]{3}"),
    "NO": ("no.fodselsnummer", r"[0-9]{6}[ -]?[0-9]{5}"),
    "PL": ("pl.pesel", r"[0-9]{11}"),
    "PT": ("pt.cc", r"[0-9]{8} ?[0-9] ?[A-Za-z0-9]{2}[0-9]"),
    "RO": ("ro.cnp", r"[1-9][0-9]{12}"),
    "SE": ("se.personnummer", r"(?:[0-9]{2})?[0-9]{6}[-+]?[0-9]{4}"),
    "SI": ("si.emso", r"[0-9]{13}"),
    "SK": ("sk.rc", r"[0-9]{6}/?[0-9]{3,4}"),
    "TR": ("tr.tckimlik", r"[1-9][0-9]{10}"),
    "US": ("us.ssn", r"[0-9]{3}-[0-9]{2}-[0-9]{4}"),
    "ZA": ("za.idnr", r"[0-9]{13}"),
}
"""By country: the module of stdnum that validates it, and how it is written."""


def find_national_ids(text: str, countries: Sequence[str]) -> Iterator[Part]:
    """Those of these countries; of all that are known, where none is named."""
    found = {
        match.span()
        for country in countries or FORMS
        if country in FORMS
        for match in _form_of(country).finditer(text)
        if import_module(f"stdnum.{FORMS[country][0]}").is_valid(match.group())
    }
    end = 0
    for start, stop in sorted(found, key=lambda span: (span[0], -span[1])):
        if start >= end:
            end = stop
            yield Part(Sensitive.NATIONAL_ID, start, stop)


@cache
def _form_of(country: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![A-Za-z0-9])(?:{FORMS[country][1]})(?![A-Za-z0-9])")
