"""The Markdown that our own documentation is written in, as blocks that a template draws."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.html import escape
from django.utils.safestring import SafeString
from django.utils.text import slugify
from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from markdown_it.token import Token

    Lead = Callable[[str], str]  # from a link as it is written to its address, "" for none

CODE = {"fence", "code_block"}
_markdown = MarkdownIt("commonmark").enable("table")


@dataclass(frozen=True, slots=True)
class Block:
    """`kind` is heading, table, code or text. Of a table the HTML is what is in it."""

    kind: str
    html: SafeString
    id: str = ""
    level: int = 0


def parse(source: str, lead: Lead) -> tuple[Block, ...]:
    """HTML in the source is left out, and a link that leads nowhere is its words."""
    runs = split(_markdown.parse(source))
    return tuple(make_block(tokens, lead) for tokens in runs if tokens[0].type != "html_block")


def split(tokens: Iterable[Token]) -> Iterator[list[Token]]:
    """The tokens of each block that is in no other."""
    run: list[Token] = []
    for token in tokens:
        run.append(token)
        if token.level == 0 and token.nesting != 1:
            yield run
            run = []


def make_block(tokens: list[Token], lead: Lead) -> Block:
    first = tokens[0]
    if first.type in CODE:
        return Block("code", escape(first.content.rstrip()))
    for token in tokens:
        token.attrs.pop("style", None)  # of a column's side: the content policy forbids it
        token.children = [*keep(token.children or (), lead)]
    if first.type == "heading_open":
        words = "".join(child.content for child in tokens[1].children or ())
        return Block("heading", draw(tokens[1:-1]), slugify(words), int(first.tag[1:]))
    if first.type == "table_open":
        return Block("table", draw(tokens[1:-1]))
    return Block("text", draw(tokens))


def keep(tokens: Iterable[Token], lead: Lead) -> Iterator[Token]:
    is_led = False
    for token in tokens:
        if token.type == "link_open":
            address = lead(str(token.attrGet("href")))
            is_led = bool(address)
            token.attrSet("href", address)
        is_link = token.type in {"link_open", "link_close"}
        if token.type != "html_inline" and (is_led or not is_link):
            yield token


def draw(tokens: list[Token]) -> SafeString:
    """Everything that is no markup of ours is escaped by the library."""
    return SafeString(_markdown.renderer.render(tokens, _markdown.options, {}).strip())
