"""The components: one tag and one template each (templates/components/)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from django import template
from django.forms.utils import flatatt
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import format_html

from apps.dashboard.presenters import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date, datetime

    from django.forms import BaseForm, BoundField
    from django.utils.safestring import SafeString

    from apps.dashboard.presenters.charts import Chart
    from apps.dashboard.presenters.parts import (
        Choice,
        Figure,
        NotedLine,
        ScorePart,
        SealedText,
        StateKind,
        Step,
    )

    Context = dict[str, Any]

register = template.Library()
register.filter("number", text.number)
register.filter("stamp", text.stamp)
register.filter("day", text.day)


@register.filter
def as_json(value: Any) -> str:
    """For scripts to read as the text of an element; escaped as any other text."""
    return json.dumps(value)


def attributes(values: dict[str, Any]) -> str:
    """Turn `hx_get="..."` into ` hx-get="..."`; what is empty or false is left out."""
    kept = {name.replace("_", "-"): value for name, value in values.items() if value}
    return flatatt(kept)


def block(name: str, content: SafeString, **values: Any) -> SafeString:
    return render_to_string(f"components/{name}.html", {"content": content, **values})


@register.simple_tag
def icon(name: str, size: int = 16) -> SafeString:
    return format_html(
        '<svg width="{0}" height="{0}" aria-hidden="true"><use href="{1}#{2}"/></svg>',
        size,
        static("dashboard/sprite.svg"),
        name,
    )


@register.simple_tag
def glyph(kind: StateKind) -> SafeString:
    return format_html(
        '<svg class="glyph {0}" width="14" height="14" aria-hidden="true">'
        '<use href="{1}#state-{0}"/></svg>',
        kind,
        static("dashboard/sprite.svg"),
    )


@register.simple_tag
def moment(value: datetime | date | None, form: str = "stamp", absent: str = "never") -> str:
    if value is None:
        return absent
    shape: Callable[[Any], str] = {
        "stamp": text.stamp,
        "day": text.day,
        "clock": text.clock,
        "long": text.long,
        "short": text.axis_day,
        "second": text.second,
        "exact": text.exact,
    }[form]
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), shape(value))


@register.inclusion_tag("components/state.html")
def state(kind: StateKind, word: str) -> Context:
    return {"kind": kind, "word": word}


@register.inclusion_tag("components/button.html")
def button(
    label: str,
    *,
    kind: str = "",
    icon: str = "",
    href: str = "",
    url: str = "",
    small: bool = False,
    reason: str = "",
    type: str = "submit",  # noqa: A002
    **attrs: Any,
) -> Context:
    """`kind`: primary, quiet, danger or destroy. With `href` or `url` (a name) it is a link.

    `reason` disables it and is said beside it.
    """
    names = " ".join(filter(None, ["button", kind, "small" if small else ""]))
    return {
        "label": label,
        "classes": names,
        "icon": icon,
        "href": reverse(url) if url else href,
        "reason": reason,
        "type": type,
        "attrs": attributes(attrs),
    }


@register.inclusion_tag("components/field.html")
def field(bound: BoundField) -> Context:
    names = [bound.auto_id + suffix for suffix, there in field_notes(bound) if there]
    attrs = {"class": "input", "aria-describedby": " ".join(names) or None}
    if bound.errors:
        attrs["aria-invalid"] = "true"
    given = bound.field.widget.attrs
    kept = {name: value for name, value in attrs.items() if value}
    return {"bound": bound, "control": bound.as_widget(attrs={**given, **kept})}


def field_notes(bound: BoundField) -> list[tuple[str, bool]]:
    return [("-hint", bool(bound.help_text)), ("-error", bool(bound.errors))]


@register.inclusion_tag("components/error_summary.html")
def error_summary(form: BaseForm, *, takes_focus: bool = True) -> Context:
    lines = [(bound.auto_id, error) for bound in form.visible_fields() for error in bound.errors]
    first = next((bound.auto_id for bound in form.visible_fields()), "")
    whole = [(first, error) for error in form.non_field_errors()]
    return {"lines": [*whole, *lines], "takes_focus": takes_focus}


@register.inclusion_tag("components/search_box.html")
def search_box(
    label: str,
    *,
    name: str = "q",
    value: str = "",
    id: str = "search",  # noqa: A002
    keys: str = "",
    **attrs: Any,
) -> Context:
    return {
        "label": label,
        "name": name,
        "value": value,
        "id": id,
        "keys": keys.split(),
        "attrs": attributes(attrs),
    }


@register.inclusion_tag("components/check.html")
def check(label: str, *, kind: str = "checkbox", hidden: bool = False, **attrs: Any) -> Context:
    """`kind`: checkbox, radio or switch. `hidden` keeps the label for readers only."""
    return {"label": label, "kind": kind, "hidden": hidden, "attrs": attributes(attrs)}


@register.inclusion_tag("components/choices.html")
def choices(bound: BoundField, kind: str = "checkbox") -> Context:
    """A field of several choices as checks or radios, with its legend, hint and error."""
    names = [bound.auto_id + suffix for suffix, there in field_notes(bound) if there]
    given = bound.value() or []
    chosen = {str(one) for one in (given if isinstance(given, list) else [given])}
    options = getattr(bound.field, "choices", ())
    return {
        "bound": bound,
        "kind": kind,
        "described_by": " ".join(names),
        "options": [(value, label, str(value) in chosen) for value, label in options],
    }


@register.inclusion_tag("components/segment.html")
def segment(label: str, choices: Sequence[Choice]) -> Context:
    return {"label": label, "choices": choices}


@register.inclusion_tag("components/tabs.html")
def tabs(label: str, choices: Sequence[Choice]) -> Context:
    return {"label": label, "choices": choices}


@register.inclusion_tag("components/token.html")
def token(key: str, value: str, remove: str = "") -> Context:
    return {"key": key, "value": value, "remove": remove}


@register.inclusion_tag("components/sort_head.html")
def sort_head(label: str, href: str, direction: str = "", *, is_number: bool = False) -> Context:
    """`direction`: ascending, descending or nothing when the table is sorted otherwise."""
    return {"label": label, "href": href, "direction": direction, "is_number": is_number}


@register.inclusion_tag("components/pager.html")
def pager(
    label: str, *, back: str = "", on: str = "", back_label: str = "Newer", on_label: str = "Older"
) -> Context:
    return {
        "label": label,
        "links": [link for link in ((back, back_label), (on, on_label)) if link[0]],
    }


@register.inclusion_tag("components/figures.html")
def figures(items: Sequence[Figure], *, plain: bool = False) -> Context:
    return {"items": items, "plain": plain}


@register.inclusion_tag("components/sealed_text.html")
def sealed_text(sealed: SealedText, form: str = "block", href: str = "") -> Context:
    """The only way for the words of a memory into a page. `form`: block, line, lead or diff."""
    return {"sealed": sealed, "form": form, "href": href}


@register.inclusion_tag("components/score_parts.html")
def score_parts(parts: Sequence[ScorePart]) -> Context:
    return {"parts": parts}


@register.inclusion_tag("components/chart.html")
def chart(chart: Chart) -> Context:
    return {"chart": chart}


@register.inclusion_tag("components/command.html")
def command(line: str) -> Context:
    return {"line": line}


@register.inclusion_tag("components/progress.html")
def progress(label: str, words: str, *, value: int | None = None, top: int = 100) -> Context:
    """Without a value it is unknown. A value that reached the top is done."""
    is_done = value is not None and value >= top
    return {"label": label, "words": words, "value": value, "top": top, "is_done": is_done}


@register.inclusion_tag("components/steps.html")
def steps(items: Sequence[Step]) -> Context:
    return {"items": items}


@register.inclusion_tag("components/code_notes.html")
def code_notes(label: str, lines: Sequence[NotedLine]) -> Context:
    return {"label": label, "lines": lines}


@register.inclusion_tag("components/toast.html")
def toast(message: str, *, has_failed: bool = False) -> Context:
    return {"message": message, "has_failed": has_failed}


@register.inclusion_tag("components/kbd.html")
def kbd(keys: str) -> Context:
    return {"keys": keys.split()}


@register.inclusion_tag("components/crumb.html")
def crumb(label: str, href: str = "", *, url: str = "", mono: bool = False) -> Context:
    """`url` is the name of one that takes no arguments. Without either it is the page itself."""
    return {"label": label, "href": reverse(url) if url else href, "mono": mono}


@register.simple_block_tag(end_name="endpanel")
def panel(
    content: SafeString,
    heading: str,
    *,
    note: str = "",
    href: str = "",
    link: str = "",
    kind: str = "",
    id: str = "",  # noqa: A002
) -> SafeString:
    """`kind`: lined, proof, open, or several. `href` and `link` stand at the right of the head."""
    return block(
        "panel", content, heading=heading, note=note, href=href, link=link, kind=kind, id=id
    )


@register.simple_block_tag(end_name="endtable")
def table(content: SafeString, caption: str, *, is_plain: bool = False) -> SafeString:
    """`is_plain`: without a link in it, so that the keyboard needs another way to scroll it."""
    return block("table", content, caption=caption, is_plain=is_plain)


@register.simple_block_tag(end_name="endfact")
def fact(content: SafeString, label: str) -> SafeString:
    return block("fact", content, label=label)


@register.simple_block_tag(end_name="endnotice")
def notice(content: SafeString, kind: str = "", *, is_answer: bool = False) -> SafeString:
    """`kind`: nothing, warn, danger or proof. `is_answer` speaks at once when it is a danger."""
    glyphs = {"warn": "due", "danger": "failed", "proof": "done"}
    role = "alert" if is_answer and kind == "danger" else "status"
    return block("notice", content, kind=kind, glyph=glyphs.get(kind, ""), role=role)


@register.simple_block_tag(end_name="endempty")
def empty(content: SafeString, heading: str, sentence: str) -> SafeString:
    return block("empty", content, heading=heading, sentence=sentence)


@register.simple_block_tag(end_name="enddialog")
def dialog(content: SafeString, id: str, heading: str) -> SafeString:  # noqa: A002
    return block("dialog", content, id=id, heading=heading)


@register.simple_block_tag(end_name="endmenu")
def menu(content: SafeString, id: str, label: str, place: str = "") -> SafeString:  # noqa: A002
    return block("menu", content, id=id, label=label, place=place)


@register.simple_block_tag(end_name="endbulk")
def bulk(content: SafeString, sentence: str, *, href: str = "", link: str = "") -> SafeString:
    return block("bulk", content, sentence=sentence, href=href, link=link)
