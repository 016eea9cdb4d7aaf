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

<!-- made by a command -->

    manage.py  check <b>

```python
if x:

    pass
```
## Next
Text, <b>bold</b>.
"""
TABLE = (
    "<thead>\n<tr>\n<th>a</th>\n<th>b</th>\n</tr>\n</thead>\n"
    "<tbody>\n<tr>\n<td><code>x|y</code></td>\n"
    "<td><strong>z</strong></td>\n</tr>\n</tbody>"
)


def lead_on(address):
    return "/there/" if address == "audit.md#anchors" else ""


def test_blocks():
    blocks = parse(SOURCE, lead_on)

    assert [(block.kind, block.id, block.html) for block in blocks] == [
        ("heading", "title", "Title"),
        (
            "text",
            "",
            (
                "<p>A line with <code>a | &lt;b&gt;</code>, <strong>bold <code>code</code></strong>"
                ' and\n<a href="/there/">a link</a>, another.</p>'
            ),
        ),
        ("text", "", "<ol>\n<li>First,\ngoes on.</li>\n<li>Second.</li>\n</ol>"),
        ("text", "", "<ul>\n<li>Only</li>\n</ul>"),
        ("table", "", TABLE),
        ("code", "", "manage.py  check &lt;b&gt;"),
        ("code", "", "if x:\n\n    pass"),
        ("heading", "next", "Next"),
        ("text", "", "<p>Text, bold.</p>"),
    ]


@pytest.mark.parametrize("slug", TITLES)
def test_page_leaves_no_markup(slug):
    for block in read_page(slug).blocks:
        words = re.sub(r"(?s)<code>.*?</code>", "", block.html) if block.kind != "code" else ""
        assert re.findall(r"\*\*|`|\]\(|<!--|&lt;", words) == []


def test_links_lead_to_pages_or_nowhere():
    assert lead("audit.md#limits") == "/dashboard/help/audit/#limits"
    assert lead("#limits") == "#limits"
    assert lead("openapi.json") == "/api/docs/"
    assert (lead("adr/0008-compile-hook.md"), lead("https://example.org/")) == ("", "")
