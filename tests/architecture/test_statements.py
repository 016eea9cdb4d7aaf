"""Ways around the tenant's manager: forbidden, or in a list of files with a reason."""

from tests.architecture.source import list_attributes, list_calls, parse_source

FORBIDDEN = {"raw", "extra", "RawSQL"}
CURSORS = {
    "apps/isolation/compiled.py": "runs what the ORM compiled, tenant predicate included",
    "apps/isolation/prepared.py": "the cursor that the others of this list open",
    "apps/isolation/roles.py": "makes the roles, as the owner",
    "apps/isolation/scope.py": "sets the tenant",
    "apps/isolation/writes.py": "rows of any number in one statement; checks and names the tenant",
    "apps/keys/ring.py": "FOR KEY SHARE, which the ORM does not know",
    "apps/operations/estimates.py": "PostgreSQL's own statistics; reads no row of a table",
    "apps/memories/store.py": "vectors and versions, in one statement each; names the tenant",
}


def test_no_statement_is_written_around_the_manager():
    found = [
        f"{path}:{line} {name}"
        for path, tree in parse_source().items()
        for line, name in list_calls(tree)
        if name in FORBIDDEN
    ]

    assert found == []


def test_no_manager_is_left_out():
    found = [
        f"{path}:{line} {name}"
        for path, tree in parse_source().items()
        for line, name in list_attributes(tree)
        if name.endswith(("._base_manager", "._default_manager"))
    ]

    assert found == []


def test_cursors_stand_in_listed_files_only():
    found = {
        path
        for path, tree in parse_source().items()
        for _, name in list_calls(tree)
        if name in {"cursor", "Cursor", "PreparedCursor", "open_prepared_cursor"}
    }

    assert found == CURSORS.keys()


def test_connection_is_used_in_listed_files_only():
    found = {
        path
        for path, tree in parse_source().items()
        for _, name in list_attributes(tree)
        if name.startswith("connection.") and path.startswith("apps/")
    }

    assert found - CURSORS.keys() == {"apps/isolation/connections.py"}  # looks, sends nothing
