"""Reading what a model has answered. Nothing in it is believed."""

import json
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice
from typing import Any

import regex

from apps.memories.enums import JobError, Verdict
from apps.memories.extractors.port import Conversation, Extraction, ExtractorError, Statement
from apps.memories.extractors.prompt import label

MOST_CHARACTERS = 1_000  # of a statement
MOST_REPLACED = 5  # by one statement
MOST_CATEGORIES = 5
FREE_STATEMENTS, CHARACTERS_A_STATEMENT = 20, 40  # more than these can't be in the messages
LONGEST_SUMMARY = 8_000  # characters; the rest is cut off
MOST_STARTS = 50  # places at which a JSON object is looked for

_THOUGHTS = regex.compile(r"<think(?:ing)?>.*?</think(?:ing)?>", regex.DOTALL | regex.IGNORECASE)
_decoder = json.JSONDecoder()


def read_answer(text: str, conversation: Conversation) -> Extraction:
    """The statements that hold up, and verdicts on the others.

    Raises ExtractorError where there is no answer in the form asked for, or far too much of it.
    """
    items = _find_statements(text)
    length = sum(len(message.content) for message in conversation.messages)
    if len(items) > FREE_STATEMENTS + length // CHARACTERS_A_STATEMENT:
        raise ExtractorError(JobError.TOO_MANY)
    read = [_read_statement(item, conversation) for item in items]
    return Extraction(
        statements=[one for one in read if isinstance(one, Statement)],
        refused=[one for one in read if isinstance(one, Verdict)],
    )


def read_summary(text: str) -> str:
    """What is written, without thoughts, and not too much of it. ExtractorError if that is none."""
    text = _THOUGHTS.sub("", text).strip()
    if not _is_storable(text):
        raise ExtractorError(JobError.NONSENSE)
    return text[:LONGEST_SUMMARY]


def _find_statements(text: str) -> list[Any]:
    """From bare JSON, from a code block, or from among words."""
    for value in _list_objects(_THOUGHTS.sub("", text)):
        if isinstance(value.get("statements"), list):
            found: list[Any] = value["statements"]
            return found
    raise ExtractorError(JobError.NONSENSE)


def _list_objects(text: str) -> Iterator[dict[str, Any]]:
    """The JSON objects in a text, each from the first brace from which it can be read."""
    end = 0
    for start in islice(regex.finditer(r"\{", text), MOST_STARTS):
        if start.start() < end:
            continue
        try:
            value, end = _decoder.raw_decode(text, start.start())
        except (ValueError, RecursionError):
            continue
        if isinstance(value, dict):
            yield value


def _read_statement(item: Any, conversation: Conversation) -> Statement | Verdict:
    text = item.get("text") if isinstance(item, dict) else None
    if not isinstance(text, str) or not _is_storable(text):
        return Verdict.MALFORMED
    if len(text) > MOST_CHARACTERS:
        return Verdict.TOO_LONG
    messages = _read_messages(item, conversation)
    if not messages:
        return Verdict.UNKNOWN_MESSAGE
    places = {label(place): place for place in range(len(conversation.known))}
    replaces, doubt = _read_replaced(item.get("replaces"), places)
    repeats = item.get("repeats")
    if repeats is not None and (not isinstance(repeats, str) or repeats not in places):
        repeats, doubt = None, Verdict.UNKNOWN_MEMORY
    return Statement(
        text=text.strip(),
        messages=messages,
        categories=_read_categories(item, conversation),
        day=_read_day(item.get("date")),
        confidence=_read_confidence(item.get("confidence")),
        replaces=replaces,
        repeats=None if repeats is None else places[repeats],
        doubt=doubt,
    )


def _is_storable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return bool(text.strip()) and "\0" not in text


def _read_messages(item: Mapping[str, Any], conversation: Conversation) -> tuple[int, ...]:
    numbers = item.get("messages")
    known = range(1, len(conversation.messages) + 1)
    if not isinstance(numbers, list):
        return ()
    return tuple(dict.fromkeys(each - 1 for each in numbers if type(each) is int and each in known))


def _read_replaced(raw: Any, places: Mapping[str, int]) -> tuple[tuple[int, ...], Verdict | None]:
    """Whoever would replace far too much replaces nothing."""
    names = raw if isinstance(raw, list) else []
    found = dict.fromkeys(
        places[name] for name in names if isinstance(name, str) and name in places
    )
    if len(found) > MOST_REPLACED:
        return (), Verdict.TOO_MUCH
    is_strange = len(names) > 0 and any(not isinstance(n, str) or n not in places for n in names)
    return tuple(found), Verdict.UNKNOWN_MEMORY if is_strange else None


def _read_categories(item: Mapping[str, Any], conversation: Conversation) -> tuple[str, ...]:
    raw = item.get("categories")
    names = [name for name in raw if isinstance(name, str)] if isinstance(raw, list) else []
    known = [name for name in dict.fromkeys(names) if name in conversation.categories]
    return tuple(known[:MOST_CATEGORIES])


def _read_day(raw: Any) -> date | None:
    try:
        return date.fromisoformat(raw) if isinstance(raw, str) else None
    except ValueError:
        return None


def _read_confidence(raw: Any) -> float:
    """Half where the model does not say anything sensible."""
    is_number = isinstance(raw, int | float) and not isinstance(raw, bool)
    return float(raw) if is_number and 0 <= raw <= 1 else 0.5
