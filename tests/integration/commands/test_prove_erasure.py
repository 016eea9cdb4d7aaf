"""The sentinel drill on an embedded server of its own: nothing is left, and the scan would see it."""

import json

from tests.integration.commands.test_backup import first_run, instance

__all__ = ["first_run", "instance"]


def test_nothing_is_left_where_the_scan_had_seen_it(instance):
    proof = json.loads(instance.manage("prove_erasure", "--json").splitlines()[-1])

    assert proof["failures"] == []
    checks = {check["place"]: check for check in proof["checks"]}
    assert {place: check["state"] for place, check in checks.items()} == {
        "rows, opened": "ok",
        "answers of the API": "ok",
        "tables and columns": "ok",
        "control in the tables": "ok",
        "copies and exports, sealed": "ok",
        "files: database": "ok",
        "files: broker": "NOT CHECKED",
        "files: logs": "ok",
        "files: copies": "ok",
        "files: journal": "ok",
    }
    assert checks["tables and columns"]["before"] == ["public.memories_vector.embedding"]
    assert checks["files: database"]["before"] != []
    assert [check["after"] for check in proof["checks"]] == [[]] * len(checks)
    assert proof["still"]["write_ahead_log"]
