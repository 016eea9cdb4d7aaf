"""One exchange of the playground, and the request that an application would send for it."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from apps.dashboard.presenters import text
from apps.dashboard.presenters.memories import hit_row, memory_href

if TYPE_CHECKING:
    from collections.abc import Mapping

    from apps.dashboard.presenters.memories import MemoryRow
    from apps.memories.domain.values import Added, SearchResult

KEY = "MEMORYHUB_API_KEY"


@dataclass(frozen=True, slots=True)
class Code:
    label: str
    lines: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was said, what came of it, and how an application says it."""

    user: str
    said: str
    answer: str
    href: str
    rows: tuple[MemoryRow, ...]
    codes: tuple[Code, ...]
    is_revealed: bool = False


def added_exchange(user: str, said: str, added: Added, *, host: str) -> Exchange:
    words = "Kept as memory" if added.is_new else "Known already, as memory"
    return Exchange(
        user=user,
        said=said,
        answer=f"{words} {text.short_id(added.memory_id)}",
        href=memory_href(added.memory_id),
        rows=(),
        codes=add_codes(user, said, host),
    )


def recalled_exchange(
    user: str, said: str, found: SearchResult, *, ms: float, host: str, reveals: bool
) -> Exchange:
    rows = tuple(hit_row(hit, reveals=reveals) for hit in found.hits)
    many = text.counted(len(rows), "memory", "memories")
    words = f"{many} of {text.number(found.scanned)}, best first, {ms:.0f} ms"
    return Exchange(
        user=user,
        said=said,
        answer=words if rows else "Nothing is kept for this user",
        href="",
        rows=rows,
        codes=recall_codes(user, said, host),
        is_revealed=reveals,
    )


def add_codes(user: str, said: str, host: str) -> tuple[Code, ...]:
    messages = [{"role": "user", "content": said}]
    body = {"messages": messages, "user_id": user, "infer": False}
    return (
        curl(f"{host}/v3/memories/add/", body),
        python(host, f"client.add({quote(messages)}, user_id={quote(user)}, infer=False)"),
        javascript(
            host, f"await client.add({quote(messages)}, {{ userId: {quote(user)}, infer: false }});"
        ),
    )


def recall_codes(user: str, said: str, host: str) -> tuple[Code, ...]:
    filters = {"user_id": user}
    return (
        curl(f"{host}/v3/memories/search/", {"query": said, "filters": filters}),
        python(host, f"client.search({quote(said)}, filters={quote(filters)})"),
        javascript(host, f"await client.search({quote(said)}, {{ filters: {quote(filters)} }});"),
    )


def curl(url: str, body: Mapping[str, object]) -> Code:
    return Code(
        "curl",
        f'curl {url} \\\n  -H "Authorization: Token ${KEY}" \\\n'
        f'  -H "Content-Type: application/json" \\\n  -d {shlex.quote(quote(body))}',
    )


def python(host: str, call: str) -> Code:
    return Code(
        "Python",
        f"import os\n\nfrom mem0 import MemoryClient\n\n"
        f'client = MemoryClient(api_key=os.environ["{KEY}"], host="{host}")\n{call}',
    )


def javascript(host: str, call: str) -> Code:
    return Code(
        "JavaScript",
        'import MemoryClient from "mem0ai";\n\n'
        f"const apiKey = process.env.{KEY};\n"
        f'const client = new MemoryClient({{ apiKey, host: "{host}" }});\n{call}',
    )


def quote(value: object) -> str:
    """JSON without `false`, `true` and `null` in it is a literal of all three languages."""
    return json.dumps(value, ensure_ascii=False)
