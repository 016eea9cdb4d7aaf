"""What the parser of the sentinel understands. A statement that it does not is a fault."""

import pytest

from tests.support.statements import read

TIED = {
    "SELECT id FROM memories_memory WHERE tenant_id = %s": {1},
    "SELECT id FROM public.memories_memory AS m WHERE m.tenant_id = %s AND id = %s": {1},
    "SELECT id FROM memories_memory WHERE id = %s AND (tenant_id = %s AND role = %s)": {2},
    "SELECT id FROM memories_memory WHERE %s::uuid = tenant_id FOR UPDATE": {1},
    "SELECT id FROM memories_memory WHERE (tenant_id = %s AND id = %s) OR (tenant_id = %s)": {1, 3},
    'SELECT "keys"."entity_key"."id" FROM "keys"."entity_key"'
    ' WHERE "keys"."entity_key"."tenant_id" = %s': {1},
    "SELECT 1 FROM memories_version v JOIN memories_memory m"
    " ON m.id = v.memory_id AND m.tenant_id = v.tenant_id WHERE v.tenant_id = %s": {1},
    "SELECT 1 FROM memories_version v LEFT JOIN memories_memory m"
    " ON (m.id = v.memory_id AND (m.tenant_id = (v.tenant_id))) WHERE v.tenant_id = %s": {1},
    "SELECT 1 FROM tenants_tenant t LEFT JOIN memories_memory m ON m.tenant_id = %s": {1},
    "SELECT 1 FROM memories_memory m WHERE tenant_id = %s AND EXISTS"
    " (SELECT 1 FROM memories_version v WHERE v.tenant_id = m.tenant_id)": {1},
    "SELECT count(*) FROM (SELECT id FROM memories_memory WHERE tenant_id = %s) AS s": {1},
    "SELECT id FROM memories_memory WHERE tenant_id = %s"
    " UNION ALL SELECT id FROM memories_version WHERE tenant_id = %s": {1, 2},
    "WITH m AS (SELECT id FROM memories_memory WHERE tenant_id = %s) SELECT id FROM m": {1},
    "WITH m AS (DELETE FROM memories_memory WHERE tenant_id = %s RETURNING id) SELECT id FROM m": {
        1
    },
    "INSERT INTO memories_memory (id, tenant_id) SELECT id, tenant_id FROM"
    " json_to_recordset(%s::json) AS new (id uuid, tenant_id uuid)": {1},
    "EXPLAIN SELECT id FROM memories_memory WHERE tenant_id = %s": {1},
    "UPDATE memories_memory SET role = %s WHERE tenant_id = %s": {2},
    "UPDATE memories_memory SET role = %s, tenant_id = %s WHERE tenant_id = %s": {2, 3},
    "DELETE FROM memories_memory WHERE tenant_id = %s AND id = ANY(%s)": {1},
    "INSERT INTO memories_memory (id, tenant_id) VALUES (%s, %s), (%s, %s)": {2, 4},
    "INSERT INTO memories_memory (tenant_id, id) SELECT * FROM UNNEST((%s)::uuid[], (%s)::uuid[])": {
        1
    },
    "INSERT INTO memories_version (id, tenant_id) SELECT id, tenant_id FROM memories_memory"
    " WHERE tenant_id = %s": {1},
    "INSERT INTO memories_memory (id, tenant_id) VALUES (%s, %s)"
    " ON CONFLICT (tenant_id, id) DO UPDATE SET role = EXCLUDED.role": {2},
}
UNTIED = [
    "SELECT id FROM memories_memory",
    "TABLE memories_memory",
    "SELECT id FROM MEMORIES_MEMORY WHERE id = %s",
    "SELECT id FROM memories_memory WHERE tenant_id <> %s",
    "SELECT id FROM memories_memory WHERE tenant_id IN (%s)",
    "SELECT id FROM memories_memory WHERE NOT tenant_id = %s",
    "SELECT id FROM memories_memory WHERE tenant_id = %s OR id = %s",
    "SELECT id FROM memories_memory WHERE tenant_id = tenant_id",
    "SELECT id FROM memories_memory m WHERE m.tenant_id = m.user_id",
    "SELECT (SELECT count(*) FROM memories_memory)",
    (
        "SELECT 1 FROM memories_version v JOIN memories_memory m ON m.id = v.memory_id"
        " WHERE v.tenant_id = %s"
    ),
    (
        "SELECT 1 FROM memories_version v LEFT JOIN memories_memory m ON v.tenant_id = %s"
        " AND m.tenant_id = v.tenant_id"
    ),
    (
        "SELECT 1 FROM memories_version v FULL JOIN memories_memory m ON v.tenant_id = %s"
        " AND m.tenant_id = %s"
    ),
    "SELECT 1 FROM memories_version v, memories_memory WHERE tenant_id = %s",
    (
        "SELECT 1 FROM memories_version WHERE tenant_id = %s"
        " AND EXISTS (SELECT 1 FROM memories_memory m WHERE m.id = memory_id)"
    ),
    "SELECT id FROM memories_memory WHERE tenant_id = %s UNION SELECT id FROM memories_version",
    "WITH m AS (SELECT id FROM memories_memory) SELECT id FROM m",
    "WITH m AS (DELETE FROM memories_memory RETURNING id) SELECT id FROM m",
    (
        "WITH m AS (MERGE INTO memories_memory m USING tenants_tenant t ON m.tenant_id = t.id"
        " WHEN MATCHED THEN DELETE RETURNING 1) SELECT 1"
    ),
    "UPDATE memories_memory SET role = %s",
    "UPDATE memories_memory SET tenant_id = gen_random_uuid() WHERE tenant_id = %s",
    "UPDATE memories_memory m SET role = 'user' FROM memories_version v WHERE v.tenant_id = %s",
    "DELETE FROM memories_memory USING memories_version v WHERE v.tenant_id = %s",
    "INSERT INTO memories_memory (id) VALUES (%s)",
    "INSERT INTO memories_memory (id, tenant_id) VALUES (%s, DEFAULT)",
    "INSERT INTO memories_version (id, tenant_id) SELECT id, tenant_id FROM memories_memory",
    (
        "INSERT INTO memories_memory (id, tenant_id) VALUES (%s, %s)"
        " ON CONFLICT (id) DO UPDATE SET role = 'user'"
    ),
    "INSERT INTO tenants_tenant (name) SELECT role FROM memories_memory",
    (
        "MERGE INTO memories_memory m USING tenants_tenant t ON m.tenant_id = t.id"
        " WHEN MATCHED THEN DELETE"
    ),
    "TRUNCATE memories_memory",
    "COPY memories_memory TO STDOUT",
    "LOCK TABLE memories_memory",
    "ALTER TABLE memories_memory DISABLE ROW LEVEL SECURITY",
    "SELECT 1; SELECT id FROM memories_memory",
]
OTHERS = [
    "SELECT id FROM tenants_tenant WHERE id = %s",
    "SELECT set_config('memoryhub.tenant', %s, true), keys.read_tenant_key(%s)",
    "WITH memories_memory AS (SELECT 1) SELECT 'memories_memory'",
    "SAVEPOINT memories_memory",
]


@pytest.mark.parametrize("sql", TIED)
def test_statement_that_is_tied(sql):
    reading = read(sql, has_parameters=True)

    assert reading.faults == []
    assert {value.number for value in reading.values} == TIED[sql]


@pytest.mark.parametrize("sql", UNTIED)
def test_statement_that_is_not_tied(sql):
    assert read(sql, has_parameters=True).faults != []


@pytest.mark.parametrize("sql", OTHERS)
def test_statement_on_no_tenants_table(sql):
    reading = read(sql, has_parameters=True)

    assert (reading.tables, reading.faults) == ([], [])


def test_parameters_by_name_and_percent_signs():
    reading = read(
        "SELECT 5 %% 2 FROM memories_memory WHERE id = %(id)s AND tenant_id = %(tenant)s",
        has_parameters=True,
    )

    [value] = reading.values
    assert reading.find(value, {"id": 1, "tenant": 2}) == 2


def test_constant():
    reading = read("SELECT 1 FROM memories_memory WHERE tenant_id = 'a'", has_parameters=False)

    [value] = reading.values
    assert reading.find(value, None) == "a"


def test_rows_in_a_document():
    reading = read(
        "INSERT INTO memories_memory (tenant_id) SELECT tenant_id FROM json_to_recordset(%s::json)"
        " AS new (tenant_id uuid)",
        has_parameters=True,
    )

    [value] = reading.values
    assert reading.find(value, ['[{"tenant_id": "a"}, {"tenant_id": "b"}]']) == ["a", "b"]
