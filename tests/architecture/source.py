"""The source of the application as syntax trees."""

import ast
import functools
from pathlib import Path

ROOT = Path(__file__).parents[2]


@functools.cache
def read_source():
    """Every module of apps/ and memoryhub/, by its path, without migrations."""
    return {
        str(path.relative_to(ROOT)): path.read_text()
        for folder in ("apps", "memoryhub")
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts
    }


@functools.cache
def parse_source():
    return {path: ast.parse(text) for path, text in read_source().items()}


def list_functions(tree):
    kinds = ast.FunctionDef | ast.AsyncFunctionDef
    return [node for node in ast.walk(tree) if isinstance(node, kinds)]


def list_calls(tree):
    """(line, name) of everything that is called, by the last part of its name."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
            found.append((node.lineno, name))
    return found


def list_attributes(tree):
    """(line, `a.b`) of every attribute that is read."""
    return [
        (node.lineno, f"{getattr(node.value, 'id', '')}.{node.attr}")
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
    ]
