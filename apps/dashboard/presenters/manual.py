"""The documentation that came with this version, page by page."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.urls import reverse

from apps.dashboard.presenters.markdown import parse

if TYPE_CHECKING:
    from pathlib import Path

    from apps.dashboard.presenters.markdown import Block

TITLES = {  # in the order of the index; what is only for who changes the code is not here
    "rooms": "The dashboard",
    "recall": "How memories are found",
    "extraction": "Extraction by a language model",
    "privacy": "Requests of persons",
    "audit": "The audit trail",
    "isolation": "Isolation of tenants",
    "proving-isolation": "Proving isolation",
    "keys": "Keys",
    "hygiene": "What is not stored",
    "telemetry": "Telemetry",
    "api": "The API",
    "webhooks": "Webhooks",
    "import": "Bringing memories over",
    "running": "Running MemoryHub",
    "backup": "Backups",
    "data-inventory": "What is stored where",
}


@dataclass(frozen=True, slots=True)
class Page:
    slug: str
    title: str
    blocks: tuple[Block, ...] = ()

    @property
    def href(self) -> str:
        return page_href(self.slug)

    @property
    def sections(self) -> tuple[Block, ...]:
        return tuple(block for block in self.blocks if block.kind == "heading")


def page_href(slug: str) -> str:
    return reverse("dashboard:manual-page", args=[slug])


def list_pages() -> list[Page]:
    return [Page(slug, title) for slug, title in TITLES.items()]


@cache
def read_page(slug: str) -> Page:
    """One of TITLES. Read once in a process: it comes with the code."""
    blocks = parse(find_file(slug).read_text(encoding="utf-8"), lead)
    return Page(slug, TITLES[slug], blocks[1:])  # the first is the title


def find_file(slug: str) -> Path:
    path: Path = settings.BASE_DIR / "docs" / f"{slug}.md"
    return path


def lead(address: str) -> str:
    """Within the documentation; what is only in the repository stays words."""
    name, _, place = address.partition("#")
    slug = name.removesuffix(".md")
    if name == "openapi.json":
        return reverse("api-docs")
    if not name or slug in TITLES:
        return f"{page_href(slug) if name else ''}{'#' + place if place else ''}"
    return ""
