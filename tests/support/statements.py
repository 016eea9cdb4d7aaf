"""Reads a statement with PostgreSQL's own parser: what ties each tenant's table in it to a tenant?

A table is tied where its `tenant_id` equals a value, or the `tenant_id` of a tied table, in the
AND of WHERE or of a join. What the values are is known when the statement runs: `sentinel.py`.
"""

import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.apps import apps
from pglast.parser import parse_sql_json

from apps.isolation.models import TenantOwned

COLUMN = "tenant_id"
PLACEHOLDER = re.compile(r"%(?:\((\w+)\))?([sbt%])")
SIDES = {"JOIN_INNER": "lr", "JOIN_LEFT": "r", "JOIN_RIGHT": "l"}  # whose rows ON can keep out
TENANT = [{"String": {"sval": COLUMN}}]  # the column, without its table
WRAPPERS = {"ExplainStmt", "DeclareCursorStmt", "CreateTableAsStmt", "PrepareStmt"}

VACUUM = "VacuumStmt"  # gives out no row, and changes none

Node = dict[str, Any]


@dataclass(frozen=True)
class Value:
    """A parameter by its number, or a constant. A document is JSON: rows with their columns."""

    number: int | None = None
    constant: str | None = None
    is_document: bool = False


@dataclass(frozen=True)
class Column:
    """The `tenant_id` of the table with this alias."""

    alias: str


@dataclass
class Reading:
    """The tenants' tables of a statement, the values that must be the tenant, and what is wrong."""

    tables: list[str] = field(default_factory=list)
    values: set[Value] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    parameters: list[str | int] = field(default_factory=list)  # name or place, by number

    def find(self, value: Value, given: Any) -> Any:
        if value.number is None:
            return value.constant
        found = given[self.parameters[value.number - 1]]
        return [row[COLUMN] for row in json.loads(found)] if value.is_document else found


@dataclass
class Level:
    """One FROM: its tenants' tables by alias, and which of them are tied."""

    outside: frozenset[str]  # tied aliases of the queries around it
    names: frozenset[str]  # of WITH: no tables
    tables: dict[str, str] = field(default_factory=dict)
    sources: int = 0
    equal: set[tuple[str, Value | Column]] = field(default_factory=set)
    tied: set[str] = field(default_factory=set)


@functools.cache
def tenant_tables() -> frozenset[str]:
    """Without their schema: the same name in another schema counts as well."""
    tables = {m._meta.db_table for m in apps.get_models() if issubclass(m, TenantOwned)}
    return frozenset(table.replace('"', "").rpartition(".")[2] for table in tables)


@functools.cache
def mention() -> re.Pattern[str]:
    return re.compile("|".join(sorted(tenant_tables())), re.IGNORECASE)


@functools.lru_cache(maxsize=20_000)
def read(sql: str, *, has_parameters: bool) -> Reading:
    reading = Reading()
    if mention().search(sql):
        if has_parameters:
            sql, reading.parameters = number(sql)
        for statement in json.loads(parse_sql_json(sql))["stmts"]:
            Reader(reading).read(statement["stmt"])
    return reading


def number(sql: str) -> tuple[str, list[str | int]]:
    """psycopg's placeholders as PostgreSQL's parameters."""
    parameters: list[str | int] = []

    def replace(match: re.Match[str]) -> str:
        if match[2] == "%":
            return "%"
        parameters.append(match[1] or len(parameters))
        return f"${len(parameters)}"

    return PLACEHOLDER.sub(replace, sql), parameters


class Reader:
    def __init__(self, reading: Reading) -> None:
        self.reading = reading

    def read(self, statement: Node) -> None:
        if VACUUM in statement:
            return
        mentioned = sum(self._is_table(node) for node in walk(statement))
        before = len(self.reading.tables)
        self._read(statement)
        if len(self.reading.tables) - before != mentioned:
            self.reading.faults.append("a tenant's table stands where it is not understood")

    def _read(self, statement: Node) -> None:
        [(kind, body)] = statement.items()
        if kind in WRAPPERS:
            self._read(body["query"])
        else:
            self._query(kind, body, frozenset())

    def _query(self, kind: str, body: Node, names: frozenset[str]) -> None:
        match kind:
            case "SelectStmt":
                self._select(body, frozenset(), names)
            case "InsertStmt":
                self._insert(body, names)
            case "UpdateStmt" | "DeleteStmt":
                self._change(body, names)

    def _is_table(self, node: Node, names: frozenset[str] = frozenset()) -> bool:
        name = node.get("relname")
        return name in tenant_tables() and ("schemaname" in node or name not in names)

    # Queries

    def _select(self, body: Node, outside: frozenset[str], names: frozenset[str]) -> Level:
        names = self._with(body, names)
        level = Level(outside, names)
        if "larg" in body:
            self._select(body["larg"], outside, names)
            self._select(body["rarg"], outside, names)
        for item in body.get("fromClause", ()):
            self._add(item, level)
        self._tie(level, body.get("whereClause"))
        self._select_inside(body, level)
        return level

    def _with(self, body: Node, names: frozenset[str]) -> frozenset[str]:
        for item in body.get("withClause", {}).get("ctes", ()):
            common = item["CommonTableExpr"]
            names |= {common["ctename"]}
            [(kind, query)] = common["ctequery"].items()
            self._query(kind, query, names)
        return names

    def _select_inside(self, body: Any, level: Level) -> None:
        handled = {"withClause", "larg", "rarg", "selectStmt"}
        parts = [part for key, part in body.items() if key not in handled]
        for select in find_selects(parts):
            self._select(select, level.outside | level.tied, level.names)

    # What stands in FROM

    def _add(self, item: Node, level: Level) -> set[str]:
        """Take in a table or a join; answers the aliases of tenants' tables in it."""
        if "JoinExpr" in item:
            return self._join(item["JoinExpr"], level)
        level.sources += 1
        return self._add_table(item.get("RangeVar", {}), level)

    def _add_table(self, node: Node, level: Level) -> set[str]:
        if not self._is_table(node, level.names):
            return set()
        alias = node.get("alias", {}).get("aliasname", node["relname"])
        level.tables[alias] = node["relname"]
        self.reading.tables.append(node["relname"])
        return {alias}

    def _join(self, join: Node, level: Level) -> set[str]:
        left, right = self._add(join["larg"], level), self._add(join["rarg"], level)
        sides = SIDES.get(join["jointype"], "")
        kept_out = (left if "l" in sides else set()) | (right if "r" in sides else set())
        if "quals" in join:
            found = equalities(join["quals"], level)
            level.equal |= {(alias, other) for alias, other in found if alias in kept_out}
        return left | right

    # Is everything tied?

    def _tie(self, level: Level, where: Node | None) -> None:
        level.equal |= equalities(where, level) if where else set()
        while fresh := {a for a, other in level.equal if self._is_tied(other, level)} - level.tied:
            level.tied |= fresh
        self.reading.values |= {other for _, other in level.equal if isinstance(other, Value)}
        self.reading.faults += [
            f"{table} is not tied to a tenant"
            for alias, table in level.tables.items()
            if alias not in level.tied
        ]

    def _is_tied(self, other: Value | Column, level: Level) -> bool:
        return isinstance(other, Value) or other.alias in level.tied | level.outside

    # Writes

    def _change(self, body: Node, names: frozenset[str]) -> None:
        level = Level(frozenset(), self._with(body, names), sources=1)
        self._add_table(body["relation"], level)
        for item in (*body.get("fromClause", ()), *body.get("usingClause", ())):
            self._add(item, level)
        self._tie(level, body.get("whereClause"))
        if self._is_table(body["relation"]):
            for target in body.get("targetList", ()):
                self._check_set(target["ResTarget"])
        self._select_inside(body, level)

    def _check_set(self, target: Node) -> None:
        """An UPDATE may write the tenant that the row has, as `save()` does."""
        if target.get("name") == COLUMN:
            self._write(term(target["val"], Level(frozenset(), frozenset())), set())

    def _insert(self, body: Node, names: frozenset[str]) -> None:
        names = self._with(body, names)
        query = body.get("selectStmt", {}).get("SelectStmt", {})
        level = self._select(query, frozenset(), names)
        if self._is_table(body["relation"]):
            self.reading.tables.append(body["relation"]["relname"])
            columns = [column["ResTarget"]["name"] for column in body.get("cols", ())]
            if COLUMN in columns:
                self._write_rows(query, columns.index(COLUMN), level)
            else:
                self.reading.faults.append("INSERT names no tenant_id")
            self._check_conflict(body.get("onConflictClause", {}))
        self._select_inside(body, level)

    def _write_rows(self, query: Node, place: int, level: Level) -> None:
        for row in query.get("valuesLists", ()):
            self._write(term(row["List"]["items"][place], level), set())
        if "valuesLists" not in query:
            self._write(selected(query, place, level), level.tied)

    def _write(self, source: Value | Column | None, tied: set[str]) -> None:
        if isinstance(source, Value):
            self.reading.values.add(source)
        elif source is None or source.alias not in tied:
            self.reading.faults.append("tenant_id is written from something else than the tenant")

    def _check_conflict(self, clause: Node) -> None:
        if clause.get("action") != "ONCONFLICT_UPDATE":
            return
        by = [part["IndexElem"].get("name") for part in clause["infer"].get("indexElems", ())]
        written = [target["ResTarget"]["name"] for target in clause["targetList"]]
        if COLUMN not in by or COLUMN in written:
            self.reading.faults.append("ON CONFLICT may change another tenant's row")


def walk(node: Any) -> Iterator[Node]:
    if isinstance(node, dict):
        yield node
    for part in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from walk(part)


def find_selects(node: Any) -> Iterator[Node]:
    """The nearest queries inside, not those within them."""
    if isinstance(node, dict):
        for key, part in node.items():
            if key == "SelectStmt":
                yield part
            else:
                yield from find_selects(part)
    elif isinstance(node, list):
        for part in node:
            yield from find_selects(part)


def equalities(condition: Node, level: Level) -> set[tuple[str, Value | Column]]:
    """(alias, what its tenant_id equals), for all that hold wherever the condition holds."""
    [(kind, body)] = condition.items()
    if kind == "BoolExpr" and body["boolop"] in {"AND_EXPR", "OR_EXPR"}:
        found = [equalities(part, level) for part in body["args"]]
        return set.union(*found) if body["boolop"] == "AND_EXPR" else in_each(found)
    if kind != "A_Expr" or body["kind"] != "AEXPR_OP" or body["name"][0]["String"]["sval"] != "=":
        return set()
    left, right = term(body["lexpr"], level), term(body["rexpr"], level)
    return {
        (one.alias, other)
        for one, other in ((left, right), (right, left))
        if isinstance(one, Column) and other is not None and one.alias in level.tables
    }


def in_each(branches: list[set[tuple[str, Value | Column]]]) -> set[tuple[str, Value | Column]]:
    """Of an OR: the aliases that equal a value in every branch, with all these values."""
    valued = [{pair for pair in branch if isinstance(pair[1], Value)} for branch in branches]
    aliases = set.intersection(*({alias for alias, _ in branch} for branch in valued))
    return {pair for branch in valued for pair in branch if pair[0] in aliases}


def term(node: Node, level: Level) -> Value | Column | None:
    """A value or a `tenant_id`; None for anything else."""
    [(kind, body)] = node.items()
    match kind:
        case "TypeCast":
            inner = term(body["arg"], level)
            return inner if isinstance(inner, Value) else None
        case "ParamRef":
            return Value(number=body["number"])
        case "A_Const" if "sval" in body:
            return Value(constant=body["sval"]["sval"])
        case "ColumnRef":
            return column(body["fields"], level)
    return None


def column(fields: list[Node], level: Level) -> Column | None:
    names = [part.get("String", {}).get("sval") for part in fields]
    if names[-1] != COLUMN:
        return None
    if len(names) > 1:
        return Column(names[-2])
    return Column(next(iter(level.tables))) if level.sources == 1 and level.tables else None


def selected(query: Node, place: int, level: Level) -> Value | Column | None:
    """What an INSERT's query gives for the column at this place."""
    targets = [target["ResTarget"]["val"] for target in query["targetList"]]
    function = only_function(query)
    name = function["funcname"][0]["String"]["sval"] if function else None
    if name == "unnest":  # SELECT *, one argument for each column
        return term(function["args"][place], level)
    if name == "json_to_recordset" and targets[place]["ColumnRef"]["fields"] == TENANT:
        [document] = function["args"]
        return replace(term(document, level), is_document=True)
    return term(targets[place], level)


def only_function(query: Node) -> Node:
    [item, *others] = query.get("fromClause", [{}])
    functions = item.get("RangeFunction", {}).get("functions", ())
    return functions[0]["List"]["items"][0]["FuncCall"] if functions and not others else {}
