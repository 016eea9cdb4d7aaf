"""Conversations in the shape of LoCoMo: sessions of turns, questions with evidence turns."""

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

TURN_ID = re.compile(
    r"D:?(\d+):(\d+)"
)  # published files hold "D8:6; D9:17", "D:11:26" and "D30:05"
SESSION = re.compile(r"session_(\d+)")
HEADLINE = "1-4"


@dataclass(frozen=True)
class Turn:
    id: str
    speaker: str
    text: str


@dataclass(frozen=True)
class Session:
    number: int
    timestamp: int | None
    turns: list[Turn]


@dataclass(frozen=True)
class Question:
    text: str
    category: str
    evidence: frozenset[str]


@dataclass(frozen=True)
class Conversation:
    id: str
    sessions: list[Session]
    questions: list[Question]

    def roles(self) -> dict[str, str]:
        """The first speaker is the user, whoever else speaks the assistant."""
        speakers = dict.fromkeys(
            turn.speaker for session in self.sessions for turn in session.turns
        )
        return {name: "assistant" if place else "user" for place, name in enumerate(speakers)}


def turn_ids(entries: list) -> set[str]:
    found = TURN_ID.findall(" ".join(str(entry) for entry in entries))
    return {f"D{int(session)}:{int(turn)}" for session, turn in found}


def read_timestamp(text: str | None) -> int | None:
    """Unix seconds of "1:56 pm on 8 May, 2023", read as UTC; None if it is written otherwise."""
    try:
        moment = dt.datetime.strptime(f"{text} +0000", "%I:%M %p on %d %B, %Y %z")
    except ValueError:
        return None
    return int(moment.timestamp())


def read_turn(raw: dict) -> Turn | None:
    caption = raw.get("blip_caption")
    text = " ".join(filter(None, [raw.get("text", "").strip(), f"[{caption}]" if caption else ""]))
    ids = turn_ids([raw["dia_id"]])
    return Turn(ids.pop(), raw["speaker"], text) if text and ids else None


def read_sessions(raw: dict) -> Iterator[Session]:
    numbers = sorted(int(match[1]) for key in raw if (match := SESSION.fullmatch(key)))
    for number in numbers:
        turns = [turn for entry in raw[f"session_{number}"] if (turn := read_turn(entry))]
        if turns:
            timestamp = read_timestamp(raw.get(f"session_{number}_date_time"))
            yield Session(number, timestamp, turns)


def read_questions(raw: list[dict], known: set[str]) -> Iterator[Question]:
    """Yield the questions with at least one evidence turn that exists."""
    for entry in raw:
        evidence = turn_ids(entry.get("evidence") or []) & known
        if evidence:
            yield Question(entry["question"], str(entry["category"]), frozenset(evidence))


def read_conversations(path: Path) -> Iterator[Conversation]:
    for place, raw in enumerate(json.loads(path.read_text(encoding="utf-8"))):
        sessions = list(read_sessions(raw["conversation"]))
        known = {turn.id for session in sessions for turn in session.turns}
        questions = list(read_questions(raw["qa"], known))
        yield Conversation(str(raw.get("sample_id", place)), sessions, questions)
