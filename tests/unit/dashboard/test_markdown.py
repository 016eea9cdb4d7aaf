"""The documentation as blocks."""

import re

import pytest

from apps.dashboard.presenters.manual import TITLES, lead, read_page
from apps.dashboard.presenters.markdown import parse

SOURCE = """# Title

A line with `a | <b>`, **bold `code`** and
[a link](audit.md#anchors), [another](../x.py).

1. First,
   goes on.
2. Second.

- Only

| a | b |
|---|---:|
| `x\\|y` | **z** |

    manage.py  check

```python
if x:

    pass
```
## Next
Text.
"""


def lead_on(address):
    return "/there/" if address == "audit.md#anchors" else ""


def test_blocks():
    blocks = parse(SOURCE, lead_on)

    assert [(block.kind, block.level, block.text) for block in blocks if block.text] == [
        ("heading", 1, "Title"),
        (
            "paragraph",
            0,
            (
                "A line with <code>a | &lt;b&gt;</code>, <b>bold <code>code</code></b> and"
                ' <a href="/there/">a link</a>, another.'
            ),
        ),
        ("code", 0, "manage.py  check"),
        ("code", 0, "if x:\n\n    pass"),
        ("heading", 2, "Next"),
        ("paragraph", 0, "Text."),
    ]
    steps, items, table = [block for block in blocks if not block.text]
    assert (steps.kind, steps.items) == ("steps", ("First, goes on.", "Second."))
    assert (items.kind, items.items) == ("items", ("Only",))
    assert (table.head, table.rows) == (("a", "b"), (("<code>x|y</code>", "<b>z</b>"),))


@pytest.mark.parametrize("slug", TITLES)
def test_page_leaves_no_markup(slug):
    page = read_page(slug)

    for block in page.blocks:
        cells = [cell for row in (block.head, *block.rows) for cell in row]
        for text in (block.text, *block.items, *cells) if block.kind != "code" else ():
            words = re.sub(r"<code>.*?</code>", "", text)
            assert re.findall(r"\*\*|`|\]\(|^[-#|]", words) == [], text
    widths = {len(row) - len(block.head) for block in page.blocks for row in block.rows}
    assert widths <= {0}


def test_links_lead_to_pages_or_nowhere():
    assert lead("audit.md#limits") == "/dashboard/help/audit/#limits"
    assert lead("#limits") == "#limits"
    assert lead("openapi.json") == "/api/docs/"
    assert (lead("adr/0008-compile-hook.md"), lead("https://example.org/")) == ("", "")
