"""The Markdown that our own documentation is written in, as blocks that a template draws.

Headings, paragraphs, lists of one level, tables, code; in a line code, bold and links. No HTML.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby
from typing import TYPE_CHECKING

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import slugify

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Lead = Callable[[str], str]  # from a link as it is written to its address, "" for none

FENCE = re.compile(r"^ *```")
HEADING = re.compile(r"^(#+) (.*)$")
ITEM = re.compile(r"^(?:[-*]|(\d+)\.) (.*)$")
RULE = re.compile(r"^\|[\s|:-]+\|$")
CELLS = re.compile(r"(?<!\\)\|")
INLINE = re.compile(r"(`+)(.+?)\1|\*\*(.+?)\*\*|\[([^]]+)\]\(([^)\s]+)\)")
INDENT = 4
NOTHING = SafeString()


@dataclass(frozen=True, slots=True)
class Block:
    """`kind` is heading, paragraph, items, steps, table or code."""

    kind: str
    text: SafeString = NOTHING
    id: str = ""
    level: int = 0
    items: tuple[SafeString, ...] = ()
    head: tuple[SafeString, ...] = ()
    rows: tuple[tuple[SafeString, ...], ...] = field(default=())


def parse(source: str, lead: Lead) -> tuple[Block, ...]:
    return tuple(
        block
        for kind, lines in split(source)
        if (block := make_block(kind, lines, lead)) is not None
    )


def split(source: str) -> Iterator[tuple[str, list[str]]]:
    """Runs of lines of one kind; an empty line ends each but code between fences."""
    in_fence = in_items = False
    kinds = []
    for number, line in enumerate(source.splitlines()):
        is_fence = bool(FENCE.match(line))
        kind = "code" if in_fence or is_fence else kind_of(line, in_items=in_items)
        in_fence ^= is_fence
        in_items = kind == "items"
        place = number if kind == "heading" else 0
        kinds.append(((kind, place), line))
    for (kind, _), run in groupby(kinds, key=lambda each: each[0]):
        yield kind, [line for _, line in run]


def kind_of(line: str, *, in_items: bool) -> str:
    if not line.strip() or line.startswith("<!--"):
        return ""
    if HEADING.match(line):
        return "heading"
    if line.startswith("|"):
        return "table"
    if ITEM.match(line) or (in_items and line.startswith("  ")):
        return "items"
    return "code" if line.startswith(" " * INDENT) else "paragraph"


def make_block(kind: str, lines: list[str], lead: Lead) -> Block | None:
    makers = {
        "heading": make_heading,
        "table": make_table,
        "items": make_items,
        "code": make_code,
        "paragraph": make_paragraph,
    }
    return makers[kind](lines, lead) if kind else None


def make_heading(lines: list[str], lead: Lead) -> Block:
    found = HEADING.match(lines[0])
    marks, words = found.groups() if found else ("#", lines[0])
    return Block("heading", inline(words, lead), id=slugify(words), level=len(marks))


def make_paragraph(lines: list[str], lead: Lead) -> Block:
    return Block("paragraph", inline(" ".join(map(str.strip, lines)), lead))


def make_code(lines: list[str], lead: Lead) -> Block:  # noqa: ARG001
    kept = [line for line in lines if not FENCE.match(line)]
    least = min((len(line) - len(line.lstrip()) for line in kept if line.strip()), default=0)
    return Block("code", format_html("{}", "\n".join(line[least:] for line in kept)))


def make_items(lines: list[str], lead: Lead) -> Block:
    is_ordered, items = False, list[str]()
    for line in lines:
        found = ITEM.match(line)
        if found is None:
            items[-1] += f" {line.strip()}"
        else:
            is_ordered = found[1] is not None
            items.append(found[2])
    kind = "steps" if is_ordered else "items"
    return Block(kind, items=tuple(inline(item, lead) for item in items))


def make_table(lines: list[str], lead: Lead) -> Block:
    head, *rows = [read_cells(line, lead) for line in lines if not RULE.match(line)]
    return Block("table", head=head, rows=tuple(rows))


def read_cells(line: str, lead: Lead) -> tuple[SafeString, ...]:
    cells = CELLS.split(line.strip().strip("|"))
    return tuple(inline(cell.strip().replace(r"\|", "|"), lead) for cell in cells)


def inline(words: str, lead: Lead) -> SafeString:
    parts, at = [], 0
    for found in INLINE.finditer(words):
        parts += [(words[at : found.start()],), (draw(found, lead),)]
        at = found.end()
    return format_html_join("", "{}", [*parts, (words[at:],)])


def draw(found: re.Match[str], lead: Lead) -> SafeString:
    _, code, bold, label, address = found.groups()
    if code:
        return format_html("<code>{}</code>", code)
    if bold:
        return format_html("<b>{}</b>", inline(bold, lead))
    href = lead(address)
    return format_html('<a href="{}">{}</a>', href, label) if href else format_html("{}", label)
