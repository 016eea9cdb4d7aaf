import json

from tests.integration.commands.run import run


def test_first(db):
    import time
    t = time.perf_counter()
    r = run("isolation_prove")
    print(time.perf_counter() - t)
    t = time.perf_counter()
    r = run("isolation_prove")
    print(time.perf_counter() - t)
    print(r.code, r.err)
    print(r.out)
    import cProfile, pstats
    pr = cProfile.Profile(); pr.enable(); run("isolation_prove"); pr.disable()
    pstats.Stats(pr).sort_stats("tottime").print_stats(25)
    pstats.Stats(pr).sort_stats("cumtime").print_stats(45)
    from collections import Counter
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    with CaptureQueriesContext(connection) as c:
        run("isolation_prove")
    print(len(c)); print(Counter(q['sql'][:28] for q in c.captured_queries).most_common(25))
    assert 0
