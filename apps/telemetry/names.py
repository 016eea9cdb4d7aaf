"""Which names tell that a value must not leave: a secret's, and one that points at somebody."""

import re
import unicodedata

SENSITIVE = (
    "auth",
    "credential",
    "password",
    "token",
    "secret",
    "key",
    "connectionclass",
)
IDENTIFYING = frozenset(
    {
        *("id", "ids", "identifier", "uuid", "name", "user", "username", "operator", "tenant"),
        *("email", "mail", "address", "host", "hostname", "ip", "url", "path"),
        *("entity", "agent", "app", "run"),
    }
)


def is_sensitive(name: str) -> bool:
    """However it is written: `apiKey`, `X-Auth`, `connection class`."""
    letters = "".join(filter(str.isalnum, _fold(name)))
    return any(word in letters for word in SENSITIVE)


def is_identifying(name: str) -> bool:
    """A word of the name says that the value points at somebody or something."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", unicodedata.normalize("NFKC", name))
    return not IDENTIFYING.isdisjoint(re.split(r"[\W_]+", parted.casefold()))


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
