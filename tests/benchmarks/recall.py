"""Evidence recall: which share of a question's evidence turns is found in the top 5, 10, 20.

recall.py --data FILE --url URL --api-key KEY loads conversations shaped like LoCoMo through the
API, one turn one memory, asks every question as it stands and prints one JSON object. Standard
library only. Each run has a prefix of its own, so that it can run twice.
"""

import argparse
import json
import sys
import time
import uuid
from collections import defaultdict
from itertools import islice
from pathlib import Path
from statistics import mean, median

_HERE = Path(__file__).resolve().parent  # holds an http.py, which would hide the standard one
sys.path[:] = [str(_HERE.parent), *(p for p in sys.path if Path(p or ".").resolve() != _HERE)]

from benchmarks.client import ApiError, Client  # noqa: E402
from benchmarks.conversations import (  # noqa: E402
    HEADLINE,
    Conversation,
    Question,
    Session,
    read_conversations,
)

CUTS = (5, 10, 20)


class Run:
    """Loads and asks one conversation after the other; remembers hits and times."""

    def __init__(self, client: Client, prefix: str) -> None:
        self.client = client
        self.prefix = prefix
        self.shares: dict[str, list[dict[int, float]]] = defaultdict(list)
        self.load_seconds = 0.0
        self.search_seconds: list[float] = []

    def measure(self, conversation: Conversation) -> None:
        user_id = f"{self.prefix}-{conversation.id}"
        started = time.perf_counter()
        turns = self._load(conversation, user_id)
        self.load_seconds += time.perf_counter() - started
        for question in conversation.questions:
            self.shares[question.category].append(self._ask(question, user_id, turns))

    def _load(self, conversation: Conversation, user_id: str) -> dict[str, set[str]]:
        """Add every session; answers which turns each memory id stands for."""
        roles = conversation.roles()
        turns: dict[str, set[str]] = defaultdict(set)
        for session in conversation.sessions:
            results = self._add(session, user_id, roles)
            for turn, result in zip(session.turns, results, strict=True):
                turns[result["id"]].add(turn.id)
        return turns

    def _add(self, session: Session, user_id: str, roles: dict[str, str]) -> list[dict]:
        messages = [
            {"role": roles[turn.speaker], "name": turn.speaker, "content": turn.text}
            for turn in session.turns
        ]
        body = {
            "messages": messages,
            "user_id": user_id,
            "run_id": f"{user_id}-session-{session.number}",
            "infer": False,
        }
        if session.timestamp is not None:
            body["timestamp"] = session.timestamp
        return self.client.call("POST", "/v3/memories/add/", body)["results"]

    def _ask(
        self, question: Question, user_id: str, turns: dict[str, set[str]]
    ) -> dict[int, float]:
        body = {
            "query": question.text,
            "filters": {"user_id": user_id},
            "top_k": max(CUTS),
            "threshold": 0,
        }
        started = time.perf_counter()
        hits = self.client.call("POST", "/v3/memories/search/", body)["results"]
        self.search_seconds.append(time.perf_counter() - started)
        ranked = [turns.get(hit["id"], set()) for hit in hits]
        found = {cut: set().union(*ranked[:cut]) & question.evidence for cut in CUTS}
        return {cut: len(found[cut]) / len(question.evidence) for cut in CUTS}

    def report(self) -> dict:
        every = [share for shares in self.shares.values() for share in shares]
        headline = [s for category in "1234" for s in self.shares.get(category, [])]
        groups = {category: self.shares[category] for category in sorted(self.shares)}
        groups |= {HEADLINE: headline, "all": every}
        return {
            "questions": len(every),
            "recall": {name: average(shares) for name, shares in groups.items() if shares},
            "seconds": {
                "load": round(self.load_seconds, 2),
                "search_p50": round(median(self.search_seconds or [0]), 5),
            },
        }


def average(shares: list[dict[int, float]]) -> dict[str, float]:
    return {str(cut): round(mean(share[cut] for share in shares), 4) for cut in CUTS}


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="JSON file of conversations")
    parser.add_argument("--url", required=True, help="address of the server")
    parser.add_argument("--api-key", required=True, help="a key that may read and write")
    parser.add_argument("--limit", type=int, help="only the first conversations")
    parser.add_argument("--prefix", default=f"recall-{uuid.uuid4().hex[:12]}", help="of user ids")
    return parser.parse_args()


def main() -> int:
    arguments = parse_arguments()
    run = Run(Client(url=arguments.url, api_key=arguments.api_key), arguments.prefix)
    try:
        for conversation in islice(read_conversations(arguments.data), arguments.limit):
            run.measure(conversation)
            sys.stderr.write(f"{conversation.id}: {len(conversation.questions)} questions\n")
    except (ApiError, OSError, ValueError, KeyError) as error:
        sys.stderr.write(f"recall: {type(error).__name__}: {error}\n")
        return 1
    sys.stdout.write(json.dumps(run.report()) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
