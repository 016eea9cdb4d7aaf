"""Secrets and payment cards, by their form: one pass of one expression over a text."""

import re
from collections.abc import Iterator

from stdnum import luhn

from apps.memories.enums import Sensitive
from apps.memories.hygiene.parts import Part

KEYS = (
    r"sk-[A-Za-z0-9_-]{16,}",  # OpenAI, Anthropic
    r"[spr]k_(?:live|test)_[A-Za-z0-9]{10,}",  # Stripe
    r"gh[opsur]_[A-Za-z0-9]{20,}",  # GitHub
    r"github_pat_[A-Za-z0-9_]{20,}",
    r"glpat-[A-Za-z0-9_-]{16,}",  # GitLab
    r"A(?:KIA|SIA)[A-Z0-9]{16}",  # AWS
    r"AIza[A-Za-z0-9_-]{35}",  # Google
    r"xox[abeoprs]-[A-Za-z0-9-]{10,}",  # Slack
    r"mhk_[A-Za-z0-9]{12}_[A-Za-z0-9]{20,}",  # ours
    r"m0-[A-Za-z0-9_-]{16,}",  # mem0
    r"hf_[A-Za-z0-9]{20,}",  # Hugging Face
    r"npm_[A-Za-z0-9]{30,}",
    r"pypi-[A-Za-z0-9_-]{40,}",
    r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",  # SendGrid
    r"dop_v1_[a-f0-9]{40,}",  # DigitalOcean
)
TOKENS = (
    r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*",  # JWT
    r"[Bb](?:earer|EARER)[ \t]+(?P<bearer>(?=[^\s]*[0-9])[A-Za-z0-9._~+/=-]{16,})",
)
PEM = (
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r"(?:(?:(?!-----BEGIN)[\s\S])*?-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r"|[A-Za-z0-9+/=\s\\]*)"  # cut off before its end
)
LABELS = (
    r"[Pp](?i:assword|asswd|assphrase|wd|rivate[ _-]?key)",
    r"[Aa](?i:pi[ _-]?key|ccess[ _-]?token|uth[ _-]?token)",
    r"[Cc](?i:lient[ _-]?secret)",
    r"[Ss](?i:ecret[ _-]?(?:access[ _-]?)?key)",
)
WEAK_LABELS = (r"[Ss](?i:ecret)", r"[Tt](?i:oken)")  # also words that people use: only before "="
VALUE = r"(?![\"']?\[secret removed)(?:\"[^\"\n]{3,200}\"|'[^'\n]{3,200}'|[^\s\"',;&<>]{4,200})"
NAMED = rf"(?:{'|'.join(LABELS)})[\"']?\s{{0,3}}[:=]\s{{0,3}}(?P<named>{VALUE})"
ASSIGNED = rf"(?:{'|'.join(WEAK_LABELS)})=(?P<assigned>{VALUE})"
URL = r"://[^\s:/@]{0,100}:(?P<url>[^\s/@]{3,200})@"
CARD = (
    r"[2-6](?:"
    r"[0-9]{12,18}"
    r"|[0-9]{3}(?P<gap>[ -])[0-9]{4}(?P=gap)[0-9]{4}(?P=gap)[0-9]{4}(?:(?P=gap)[0-9]{1,3})?"
    r"|[0-9]{3}(?P<space>[ -])[0-9]{6}(?P=space)[0-9]{4,5}"
    r")(?![0-9])"
)
STARTS = re.compile(
    r"4|5[1-5]|2[2-7]|3[47]|6(?:011|5|4[4-9]|2)|3(?:0[0-5]|[68])|35|50|5[6-9]|6[37]"
)
"""What the numbers of payment cards begin with: a time in milliseconds is none."""

BEGINNING = r"(?<![A-Za-z0-9])(?=[-AaBbCcdeghmnPprSsTtx2-6])"
FORMS = re.compile(
    rf"{BEGINNING}(?:"
    rf"(?P<api_key>{'|'.join(KEYS)})"
    rf"|(?P<token>{'|'.join(TOKENS)})"
    rf"|(?P<password>{NAMED}|{ASSIGNED})"
    rf"|(?P<card>{CARD}))"
    rf"|(?P<private_key>{PEM})"
    rf"|(?P<address>{URL})"
)
OUTER = {
    "api_key": Sensitive.API_KEY,
    "token": Sensitive.TOKEN,
    "password": Sensitive.PASSWORD,
    "card": Sensitive.CARD,
    "private_key": Sensitive.PRIVATE_KEY,
    "address": Sensitive.PASSWORD,
}
INNER = ("bearer", "named", "assigned", "url")  # of these a label stays


LABEL = re.compile(rf"(?:.*[ ._-])?(?:{'|'.join((*LABELS, *WEAK_LABELS))})")
SHORTEST = 13  # characters of the shortest that stands without a label, a card
GROUPED = re.compile(r"[0-9]{4}[ -][0-9]{4}")


def may_hold_secrets(text: str) -> bool:
    """Quick, and sure when it says no: most texts have neither a label nor so long a word."""
    return (
        ":" in text
        or "=" in text
        or "-----BEGIN" in text
        or max(map(len, text.split()), default=0) >= SHORTEST
        or GROUPED.search(text) is not None
    )


def find_secrets(text: str) -> Iterator[Part]:
    """In their order, none within another. Some 5 to 50 us for 200 characters."""
    if not may_hold_secrets(text):
        return
    for match in FORMS.finditer(text):
        kind = next(kind for name, kind in OUTER.items() if match[name])
        if kind != Sensitive.CARD or is_card(match[0]):
            inner = next((name for name in INNER if match[name]), 0)
            start, end = match.span(inner)
            is_quoted = match[inner][0] in "\"'"
            yield Part(kind, start + is_quoted, end - is_quoted)


def is_label(name: str) -> bool:
    """Whether what bears this name is a secret."""
    return LABEL.fullmatch(name) is not None


def is_card(text: str) -> bool:
    """Whether these are the digits of a payment card: its beginning and its check digit."""
    digits = text.replace(" ", "").replace("-", "")
    return bool(STARTS.match(digits)) and luhn.is_valid(digits)
