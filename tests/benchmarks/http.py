"""How fast the store answers over HTTP, by operation and number of clients.

http.py --url URL --api-key KEY [--clients 1,8,32] [--seconds 20] [--seed-memories 100000] prints
{"add_1": {"1": {"per_s", "p50_ms", "p95_ms"}, ...}, ..., "load": {"memories", "seconds"}}. What an
earlier run with the same --prefix loaded is used again ("reused"). Only loopback is driven. Start
the server with EMBEDDER=openai at openai_stub.py, or the embedding model is what is measured.
"""

import argparse
import json
import sys
from itertools import islice
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent  # this very file would hide the standard http
sys.path[:] = [str(_HERE.parent), *(p for p in sys.path if Path(p or ".").resolve() != _HERE)]

from benchmarks import statements  # noqa: E402
from benchmarks.driver import DriveError, Sample, Target, drive  # noqa: E402
from benchmarks.operations import EXTRA, OPERATIONS, Bench, Operation  # noqa: E402
from benchmarks.seeding import FULL, Layout, load  # noqa: E402

WARM_UP = 5  # requests of each client that count for nothing


def measure(bench: Bench, operation: Operation, clients: int, seconds: float) -> dict[str, float]:
    """Run batch after batch until the timed seconds or the requests are used up."""
    total = Sample()
    while total.seconds < seconds and len(total.latencies) < operation.at_most:
        requests = operation.requests(bench, clients)
        if not total.latencies and operation.at_most > 1:
            drive(bench.target, islice(requests, WARM_UP * clients), clients=clients)
        left = seconds - total.seconds
        total.extend(drive(bench.target, requests, clients=clients, seconds=left))
    return total.figures()


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    target = Target.parse(arguments.url, arguments.api_key)
    layout = Layout.plan(arguments.seed_memories, arguments.prefix)
    bench = Bench(target, layout, arguments.prefix)
    loaded = load(target, layout) if set(arguments.operations) - set(EXTRA) else None
    note(f"load: {loaded}")
    results: dict[str, Any] = {}
    for name in arguments.operations:
        operation = (OPERATIONS | EXTRA)[name]
        for clients in arguments.clients:
            figures = measure(bench, operation, clients, arguments.seconds)
            results.setdefault(name, {})[str(clients)] = figures
            note(f"{name} at {clients}: {figures}")
    if arguments.report_statements:
        results["statements"] = statements.report(bench, arguments.report_statements)
    return results | ({"load": loaded} if loaded else {})


def note(text: str) -> None:
    sys.stderr.write(text + "\n")


def numbers(text: str) -> list[int]:
    found = [int(part) for part in text.split(",")]
    if not all(1 <= number <= 256 for number in found):
        raise argparse.ArgumentTypeError("numbers of clients from 1 to 256")
    return found


def names(text: str) -> list[str]:
    chosen = text.split(",")
    if unknown := set(chosen) - set(OPERATIONS | EXTRA):
        raise argparse.ArgumentTypeError(f"unknown {unknown}; there are {list(OPERATIONS | EXTRA)}")
    return chosen


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True, help="address of the server, on loopback")
    parser.add_argument("--api-key", required=True, help="a key that may read, write and delete")
    parser.add_argument("--clients", type=numbers, default=[1, 8, 32], help="such as 1,8,32")
    parser.add_argument("--seconds", type=float, default=20, help="timed, for each figure")
    parser.add_argument("--seed-memories", type=int, default=FULL)
    parser.add_argument("--prefix", default="bench", help="of the user ids that are loaded")
    parser.add_argument("--operations", type=names, default=list(OPERATIONS))
    parser.add_argument("--report-statements", metavar="DSN", help="reads pg_stat_statements")
    arguments = parser.parse_args()
    if not 0 < arguments.seconds <= 600 or not 100 <= arguments.seed_memories <= 1_000_000:
        parser.error("at most 600 seconds, and 100 to 1,000,000 memories")
    return arguments


def main() -> int:
    try:
        results = run(parse_arguments())
    except (DriveError, OSError, ValueError, KeyError) as error:
        note(f"http: {type(error).__name__}: {error}")
        return 1
    sys.stdout.write(json.dumps(results) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
