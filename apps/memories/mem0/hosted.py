"""A mem0 that is spoken to over HTTP: the hosted service, or whatever has its wire."""

import http.client
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from apps.common.errors import Unavailable
from apps.memories.enums import EntityKind
from apps.memories.mem0.rows import Change, Row, Unreadable
from apps.telemetry.enums import Purpose
from apps.telemetry.outbound import note_call

PAGE = 100
EVERYBODY = {"OR": [{f"{kind.value}_id": "*"} for kind in EntityKind]}
TIMEOUT = 60.0
TRIES = 6
PAUSE, LONGEST_PAUSE = 1.0, 60.0  # seconds between tries
TRIED_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
OK, REFUSED = 200, (401, 403)


class Hosted:
    """Calls this host and no other: follows no redirect and asks no proxy."""

    def __init__(self, url: str, key: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise Unreadable("The address must be one such as https://api.mem0.ai.")
        self._parts = parts
        self._headers = {
            "Authorization": f"Token {key}",
            "Content-Type": "application/json",
            "User-Agent": "MemoryHub",
        }

    def count(self) -> int:
        return int(self._read_page(1, size=1)["count"])

    def read(self) -> Iterator[Sequence[Row]]:
        number, page = 1, self._read_page(1)
        while rows := [_make_row(item) for item in page["results"]]:
            yield rows
            if not page.get("next"):
                return
            number += 1
            page = self._read_page(number)

    def read_changes(self, ids: Sequence[str]) -> Mapping[str, Sequence[Change]]:
        """A request for each: there is no other way."""
        return {memory_id: self._read_history(memory_id) for memory_id in ids}

    def _read_page(self, number: int, size: int = PAGE) -> Any:
        body = {"filters": EVERYBODY, "show_expired": True, "latest_only": True}
        page = self._ask("POST", f"/v3/memories/?page={number}&page_size={size}", body)
        if not isinstance(page, dict) or not isinstance(page.get("results"), list):
            raise Unreadable("The host did not answer with a page of memories.")
        return page

    def _read_history(self, memory_id: str) -> list[Change]:
        lines = self._ask("GET", f"/v1/memories/{quote(memory_id, safe='')}/history/")
        own = [line for line in lines if line.get("memory_id", memory_id) == memory_id]
        return [
            Change(
                str(line.get("event")),
                line.get("new_memory"),
                line.get("updated_at") or line.get("created_at"),
            )
            for line in own
        ]

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        """Tried again, as the host asks for, while it is at its limit or failing."""
        for tried in range(TRIES):
            try:
                status, wait, answer = self._send(method, path, body)
            except (OSError, http.client.HTTPException) as error:
                status, wait, answer = 0, None, type(error).__name__.encode()
            if status == OK:
                return _parse(answer)
            if status in REFUSED:
                raise Unreadable("The host refused the key.")
            if status and status not in TRIED_AGAIN:
                raise Unreadable(f"The host answered {status} to {method} {path}.")
            if tried + 1 < TRIES:
                time.sleep(min(_read_wait(wait) or PAUSE * 2**tried, LONGEST_PAUSE))
        reason = f"it answered {status}" if status else answer.decode()
        raise Unavailable(f"The host can't be read now: {reason}. Run the command again to go on.")

    def _send(self, method: str, path: str, body: Any) -> tuple[int, str | None, bytes]:
        parts = self._parts
        is_secret = parts.scheme == "https"
        kind = http.client.HTTPSConnection if is_secret else http.client.HTTPConnection
        client = kind(parts.hostname or "", parts.port, timeout=TIMEOUT)
        content = b"" if body is None else json.dumps(body).encode()
        try:
            note_call(parts.netloc.rpartition("@")[2], Purpose.IMPORT, sent=len(content))
            client.request(method, parts.path.rstrip("/") + path, content, self._headers)
            answer = client.getresponse()
            return answer.status, answer.getheader("Retry-After"), answer.read()
        finally:
            client.close()


def _parse(answer: bytes) -> Any:
    try:
        return json.loads(answer)
    except ValueError:
        raise Unreadable("The host did not answer with JSON.") from None


def _read_wait(text: str | None) -> float:
    return float(text) if text and text.isdecimal() else 0.0


def _make_row(item: Any) -> Row:
    values = item if isinstance(item, dict) else {}
    names = {kind: values.get(f"{kind.value}_id") for kind in EntityKind}
    names[EntityKind.RUN] = names[EntityKind.RUN] or values.get("session_id")
    return Row(
        id=str(values.get("id")),
        text=values.get("memory"),
        names=names,
        created_at=values.get("created_at"),
        updated_at=values.get("updated_at"),
        metadata=values.get("metadata"),
        categories=values.get("categories"),
        speaker=values.get("actor_id"),
        role=values.get("role"),
        expires_on=values.get("expiration_date"),
    )
