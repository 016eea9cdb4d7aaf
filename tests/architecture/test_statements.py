"""Ways around the row filters: forbidden, or in a list of files with a reason."""

import ast
import re

from tests.architecture.source import (
    ROOT,
    list_attributes,
    list_calls,
    parse_source,
    read_source,
)
from tests.support.kernel import tenant_models

FORBIDDEN = {"raw", "extra", "RawSQL"}
CURSOR_CALLS = {"cursor", "Cursor", "PreparedCursor", "open_prepared_cursor"}
CURSORS = {
    "apps/audit/domain/doors.py": "calls the two doors, which read the tenant themselves",
    "apps/isolation/compiled.py": "runs what the ORM compiled, tenant predicate included",
    "apps/isolation/prepared.py": "the cursor that the others of this list open",
    "apps/isolation/roles.py": "makes the roles, as the owner",
    "apps/isolation/row_security.py": "reads PostgreSQL's catalogue, no table of ours",
    "apps/isolation/scope.py": "sets the tenant",
    "apps/isolation/writes.py": "rows of any number in one statement; checks and names the tenant",
    "apps/keys/ring.py": "FOR KEY SHARE, which the ORM does not know",
    "apps/operations/domain/backups.py": "exports a snapshot, as the owner",
    "apps/operations/domain/restoring.py": "drops tables of the catalogue, as the owner",
    "apps/operations/estimates.py": "PostgreSQL's own statistics; reads no row of a table",
    "apps/memories/store.py": "vectors and versions, in one statement each; names the tenant",
    "apps/privacy/vacuum.py": "vacuums as the owner; names tables of the catalogue, reads no row",
    "apps/operations/proof/places.py": "looks for a random word in all tables, as the owner",
    "apps/operations/proof/statements.py": "attacks row-level security; names a canary's rows",
}
TENANTS = {
    "apps/dashboard/views/audit.py": "shows the instance's own trail",
    "apps/memories/domain/hygiene.py": "reads and sets the policy of one, by its id",
    "apps/operations/domain/audit_trails.py": "every tenant has a trail, canaries too",
    "apps/operations/domain/canaries.py": "finds the canaries themselves",
    "apps/operations/proof/answers.py": "finds its canary",
    "apps/operations/domain/replaying.py": "every tenant has a journal, canaries too",
    "apps/operations/domain/erasure_proof.py": "finds its canary",
    "apps/operations/domain/first_run.py": "asks whether the instance's own is there",
    "apps/privacy/domain/copies.py": "names the tenant of a copy, a canary's too",
    "apps/privacy/domain/list_exports.py": "names the tenant of an export, a canary's too",
    "apps/privacy/domain/orders.py": "goes on with one that is closed, a canary too",
    "apps/privacy/domain/tenant_erasure.py": "erases one, which is closed from then on",
    "apps/tenants/domain/operators.py": "every tenant has a trail, canaries too",
    "apps/tenants/domain/tenant_keys.py": "every tenant has a key, canaries too",
    "apps/tenants/domain/tenants.py": "makes them",
}

TABLE_NAMES = {
    "apps/keys/models.py": "names the tables of schema `keys`",
    "apps/keys/ring.py": CURSORS["apps/keys/ring.py"],
    "apps/memories/store.py": CURSORS["apps/memories/store.py"],
}
CONNECTIONS = {
    "apps/isolation/prepared.py": "opens a cursor on the one that serves",
    "apps/isolation/management/commands/migrate.py": "migrates, as the owner",
    "apps/operations/domain/health.py": "asks which migrations are missing",
    "apps/operations/domain/backups.py": "exports a snapshot, as the owner",
    "apps/operations/domain/restoring.py": "drops and restores, as the owner",
    "apps/operations/proof/places.py": "looks through all tables, as the owner",
    "apps/operations/postgres.py": "reads the owner's address",
    "apps/privacy/vacuum.py": "vacuums, as the owner",
}
FILTER_SWITCH = {
    "apps/isolation/scope.py": "has it, and it stands on filtering",
    "apps/isolation/models.py": "obeys it: the manager",
    "apps/isolation/predicates.py": "obeys it: the compile hook",
    "apps/isolation/writes.py": "obeys it: rows of any number",
    "apps/audit/domain/bypass.py": "the door: turns it, and records that it did",
}
DOOR = {
    "tests/support/walls.py": "shows that each of the other walls holds alone",
    "tests/unit/audit/test_bypass.py": "tests the door",
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
        if name in CURSOR_CALLS
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


def test_tenants_are_listed_without_canaries_or_in_listed_files():
    """`Tenant.objects.listed()` is what people see."""
    found = {
        path
        for path, text in read_source().items()
        for use in re.findall(r"Tenant\.objects\.(\w+)", text)
        if use != "listed"
    }

    assert found == TENANTS.keys()


def test_tenants_tables_are_named_in_listed_files_only():
    """Neither in a cursor's statement nor in the template of a function."""
    tables = [model._meta.db_table.replace('"', "") for model in tenant_models()]
    names = re.compile(rf"\b({'|'.join(map(re.escape, tables))})\b", re.IGNORECASE)

    found = {
        path
        for path, tree in parse_source().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and names.search(str(node.value).replace('"', ""))
    }

    assert found == TABLE_NAMES.keys()


def test_other_connections_are_used_in_listed_files_only():
    found = {
        path
        for path, tree in parse_source().items()
        if path.startswith("apps/")
        and any(isinstance(node, ast.Name) and node.id == "connections" for node in ast.walk(tree))
    }

    assert found == CONNECTIONS.keys()


def test_no_query_chooses_its_connection():
    found = [
        f"{path}:{node.lineno}"
        for path, tree in parse_source().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (
            getattr(node.func, "attr", "") in {"using", "db_manager"}
            or "using" in [word.arg for word in node.keywords]
        )
    ]

    assert found == []


def test_row_filters_are_switched_in_the_door_only():
    switches = {
        path: {type(node.ctx) for node in ast.walk(tree) if is_switch(node)}
        for path, tree in parse_source().items()
    }

    assert {path for path, found in switches.items() if found} | {"apps/isolation/scope.py"} == (
        FILTER_SWITCH.keys()
    )
    assert [path for path, found in switches.items() if ast.Store in found] == [
        "apps/audit/domain/bypass.py"
    ]


def is_switch(node):
    return isinstance(node, ast.Attribute) and node.attr == "is_filtered"


def test_door_is_used_in_listed_files_only():
    found = {
        str(path.relative_to(ROOT))
        for folder in ("apps", "memoryhub", "tests")
        for path in (ROOT / folder).rglob("*.py")
        if "unfiltered_scope(" in path.read_text() and path.name != "bypass.py"
    }

    assert found - {"tests/architecture/test_statements.py"} == DOOR.keys()


def test_sentinel_is_off_in_listed_files_only():
    named = re.compile(r'(?:\boff|bare_cursor)\("([a-z ]+)"\)')
    found = {
        str(path.relative_to(ROOT)): set(named.findall(path.read_text()))
        for path in (ROOT / "tests").rglob("*.py")
    }

    assert {path: names for path, names in found.items() if names} == SENTINEL_OFF


SENTINEL_OFF = {
    "tests/conftest.py": {"migrations", "attacks"},
    "tests/integration/commands/test_rotate_keys.py": {"committed rows"},
    "tests/integration/isolation/test_roles.py": {"attacks"},
    "tests/support/committed.py": {"committed rows"},
    "tests/support/kernel.py": {"bare rows"},
    "tests/support/twins.py": {"bare rows"},
    "tests/support/walls.py": {"attacks"},
    "tests/unit/audit/conftest.py": {"attacks"},
    "tests/unit/audit/test_append_only.py": {"attacks"},
    "tests/unit/audit/test_bypass.py": {"attacks"},
    "tests/unit/audit/test_record.py": {"attacks"},
    "tests/unit/isolation/test_instance_sweep.py": {"attacks"},
    "tests/unit/isolation/test_migrations.py": {"migrations"},
    "tests/unit/isolation/test_rows.py": {"attacks"},
    "tests/unit/isolation/test_tables.py": {"migrations"},
    "tests/unit/keys/test_fields.py": {"attacks"},
    "tests/unit/operations/test_estimates.py": {"committed rows"},
    "tests/unit/support/test_sentinel.py": {"attacks", "no reason"},
}


def test_no_response_streams_but_from_a_file():
    """`tests/support/outgoing.py` sees to it that those read nothing else."""
    found = [
        f"{path}:{node.lineno}"
        for path, tree in parse_source().items()
        for node in ast.walk(tree)
        if "StreamingHttpResponse" in (getattr(node, "id", ""), getattr(node, "attr", ""))
    ]

    assert found == []
