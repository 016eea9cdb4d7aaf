"""Sizes as in the best code bases of this kind: most things short, few long."""

from tests.architecture.source import list_functions, parse_source, read_source

FUNCTION_LINES = {0.5: 9, 0.95: 34}
FILE_LINES = {0.5: 80, 0.95: 350}


def measure(sizes, shares):
    ordered = sorted(sizes)
    return {share: ordered[round(share * (len(ordered) - 1))] for share in shares}


def test_functions_are_short():
    sizes = {
        f"{path}:{node.name}": node.end_lineno - node.lineno + 1
        for path, tree in parse_source().items()
        for node in list_functions(tree)
    }

    found = measure(sizes.values(), FUNCTION_LINES)

    longest = sorted(sizes.items(), key=lambda item: -item[1])[:5]
    assert all(found[share] <= limit for share, limit in FUNCTION_LINES.items()), (found, longest)


def test_files_are_short():
    sizes = {path: len(text.splitlines()) for path, text in read_source().items() if text}

    found = measure(sizes.values(), FILE_LINES)

    longest = sorted(sizes.items(), key=lambda item: -item[1])[:5]
    assert all(found[share] <= limit for share, limit in FILE_LINES.items()), (found, longest)
