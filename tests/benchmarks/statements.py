"""What one search costs in PostgreSQL, read from pg_stat_statements before and after each."""

import sys
from statistics import median
from typing import Any

from benchmarks.driver import drive
from benchmarks.operations import Bench, search_request

SEARCHES = 200
READ = """
    SELECT query, calls, total_exec_time FROM pg_stat_statements
    JOIN pg_database ON pg_database.oid = dbid AND datname = current_database()
    WHERE query !~* '^\\s*(begin|commit|rollback|savepoint|release|set |discard|deallocate)'
      AND query !~* '(pg_stat_statements|set_config)'
"""


def report(bench: Bench, dsn: str) -> dict[str, Any]:
    """Medians over single searches, each counted alone: run nothing else at that time."""
    import psycopg  # only this report needs it

    counts, times, totals = [], [], {}
    with psycopg.connect(dsn, autocommit=True) as connection:
        for _ in range(SEARCHES):
            request = search_request(bench, bench.source.choice(bench.layout.medium))
            connection.execute("SELECT pg_stat_statements_reset()")
            drive(bench.target, [request], clients=1)
            rows = connection.execute(READ).fetchall()
            counts.append(sum(calls for _, calls, _ in rows))
            times.append(sum(spent for _, _, spent in rows))
            for query, calls, spent in rows:
                before = totals.get(query, (0, 0.0))
                totals[query] = (before[0] + calls, before[1] + spent)
    describe(totals)
    return {
        "searches": SEARCHES,
        "statements_p50": median(counts),
        "statements_max": max(counts),
        "execution_ms_p50": round(median(times), 3),
        "execution_ms_p95": round(sorted(times)[int(SEARCHES * 0.95)], 3),
    }


def describe(totals: dict[str, tuple[int, float]]) -> None:
    for query, (calls, spent) in sorted(totals.items(), key=lambda item: -item[1][1]):
        text = " ".join(query.split())[:160]
        sys.stderr.write(f"{calls / SEARCHES:6.2f} a search, {spent / calls:7.3f} ms: {text}\n")
