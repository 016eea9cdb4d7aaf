"""The shape of domain functions: keyword-only, the actor as `by`."""

import ast

from tests.architecture.source import list_calls, parse_source

DOMAIN = {path: tree for path, tree in parse_source().items() if "/domain/" in path}
RECORDERS = {"record"}
STEPS = {  # of a request's work: their Run carries the actor
    "apps/privacy/domain/certificates.py:sign_certificate",
    "apps/privacy/domain/copies.py:pack_copy",
}
POSITIONAL = 2  # as many may be given by place


def public_functions():
    return [
        (f"{path}:{node.name}", node)
        for path, tree in DOMAIN.items()
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    ]


def private_recorders(tree):
    """Functions of a module that record an event, so that who calls them does as well."""
    names = set(RECORDERS)
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    for _ in functions:
        for node in functions:
            if node.name.startswith("_") and names & {name for _, name in list_calls(node)}:
                names.add(node.name)
    return names


def test_every_function_that_records_takes_the_actor_by_keyword():
    checked, wrong = [], []

    for name, node in public_functions():
        path = name.partition(":")[0]
        if private_recorders(DOMAIN[path]) & {called for _, called in list_calls(node)}:
            checked.append(name)
            if "by" not in [argument.arg for argument in node.args.kwonlyargs]:
                wrong.append(name)
    wrong = [name for name in wrong if name not in STEPS]

    assert len(checked) >= 10
    assert wrong == []


def test_every_function_with_an_actor_takes_it_by_keyword():
    wrong = [
        name
        for name, node in public_functions()
        if "by" in [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    ]

    assert wrong == []


def test_public_functions_take_few_values_by_place():
    wrong = {
        name: len(node.args.args)
        for name, node in public_functions()
        if len(node.args.args) > POSITIONAL and name not in EXCEPTIONS
    }

    assert wrong == {}


EXCEPTIONS = {
    # builds a row from three values that always stand together
    "apps/memories/domain/vectors.py:make_vector",
    # pure: makes a digest of the three parts that its name lists
    "apps/memories/domain/drafts.py:make_digest",
}


def test_exceptions_are_needed():
    assert {
        name for name, node in public_functions() if len(node.args.args) > POSITIONAL
    } == EXCEPTIONS
