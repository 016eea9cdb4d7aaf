"""How fast conversations are accepted, and how fast workers make memories of them.

jobs.py --url URL --api-key KEY [--jobs 500] [--clients 1,8] [--messages 2] prints
{"accept": {"1": {"per_s", "p50_ms", "p95_ms"}, ...}, "jobs": {"count", "seconds", "per_s",
"states"}}. The clock of `jobs` runs from the first accept to the last end, so that it holds the
accepts as well. Only loopback is driven. Start the server and its workers with EXTRACTION_MODEL
set and OPENAI_BASE_URL at openai_stub.py, whose model takes no time.
"""

import argparse
import json
import random
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent  # holds an http.py, which would hide the standard one
sys.path[:] = [str(_HERE.parent), *(p for p in sys.path if Path(p or ".").resolve() != _HERE)]

from benchmarks.client import ApiError, Client  # noqa: E402
from benchmarks.driver import DriveError, Request, Sample, Target, drive  # noqa: E402
from benchmarks.sentences import sentence  # noqa: E402

PEOPLE = 50
PAGE = 200
FINAL = {"SUCCEEDED", "FAILED"}
LOOKS_EVERY = 0.2
PATIENCE = 600.0


def conversations(target: Target, messages: int) -> Iterator[Request]:
    source, run = random.Random(), uuid.uuid4().hex[:8]
    while True:
        said = [{"role": "user", "content": sentence(source)} for _ in range(messages)]
        body = {"messages": said, "user_id": f"jobs-{run}-{source.randrange(PEOPLE)}"}
        payload = json.dumps(body).encode()
        yield target.request("POST", "/v3/memories/add/", payload, b'"PENDING"', 1)


def wait(client: Client, jobs: int) -> Counter[str]:
    """Until the newest so many jobs have ended; answers how."""
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        states = Counter(islice(read_states(client), jobs))
        if not states.keys() - FINAL:
            return states
        time.sleep(LOOKS_EVERY)
    raise DriveError(f"after {PATIENCE:.0f} seconds: {states}")


def read_states(client: Client) -> Iterator[str]:
    """Of all jobs, the newest first."""
    page, link = 0, "first"
    while link:
        page += 1
        found = client.call("GET", f"/v1/events/?page={page}&page_size={PAGE}")
        yield from (row["status"] for row in found["results"])
        link = found["next"]


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    target = Target.parse(arguments.url, arguments.api_key)
    client = Client(url=arguments.url, api_key=arguments.api_key)
    requests = conversations(target, arguments.messages)
    drive(target, islice(requests, arguments.warm_up), clients=1)
    wait(client, arguments.warm_up)
    accepts: dict[str, Sample] = {}
    started = time.monotonic()
    for clients in arguments.clients:
        accepts[str(clients)] = drive(target, islice(requests, arguments.jobs), clients=clients)
    count = arguments.jobs * len(arguments.clients)
    states = wait(client, count)
    seconds = time.monotonic() - started
    return {
        "accept": {clients: sample.figures() for clients, sample in accepts.items()},
        "jobs": {
            "count": count,
            "seconds": round(seconds, 1),
            "per_s": round(count / seconds, 1),
            "states": dict(states),
        },
    }


def numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",")]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="address of the server, on loopback")
    parser.add_argument("--api-key", required=True, help="a key that may read and write")
    parser.add_argument("--jobs", type=int, default=500, help="for each number of clients")
    parser.add_argument("--clients", type=numbers, default=[1, 8])
    parser.add_argument("--messages", type=int, default=2, help="of a conversation")
    parser.add_argument("--warm-up", type=int, default=20)
    try:
        results = run(parser.parse_args())
    except (DriveError, ApiError, OSError, ValueError) as error:
        sys.stderr.write(f"jobs: {type(error).__name__}: {error}\n")
        return 1
    sys.stdout.write(json.dumps(results) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
