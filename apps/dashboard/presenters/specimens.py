"""Invented names and figures for the page that shows every component."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms

from apps.dashboard.presenters import charts, text
from apps.dashboard.presenters.diffs import compare
from apps.dashboard.presenters.parts import (
    Choice,
    Figure,
    NotedLine,
    ScorePart,
    SealedText,
    Step,
)

TODAY = date(2026, 11, 21)
OLD = "Travels with one child, Mia (8); wants a family cabin"
NEW = (
    "Travels with two children, Mia (9) and Jonas (6); wants connecting rooms or a family "
    "cabin, and no departures before 07:00"
)
ADDED = (640, 812, 1204, 990, 1310, 1150, 1402, 1260, 1388, 730, 702, 1190, 1366, 610)

HIGH = 1_380


class SpecimenForm(forms.Form):
    name = forms.CharField(label="Key name", error_messages={"required": "Give the key a name"})
    expires_on = forms.DateField(label="Expires on")
    note = forms.CharField(label="Note", help_text="Seen by other operators", required=False)
    address = forms.CharField(
        label="Address", required=False, widget=forms.TextInput({"readonly": True})
    )
    scopes = forms.MultipleChoiceField(
        label="Scopes",
        help_text="What the key may do",
        choices=[("read", "read: get, list and search"), ("write", "write: add and change")],
        initial=["read"],
        required=False,
    )
    typed = forms.CharField(label="Type usr_48213 to confirm", required=False)

    def clean_expires_on(self) -> date:
        raise forms.ValidationError("Choose a date after today, 21 November 2026")


def everything() -> dict[str, Any]:
    return {
        "sides": [side("light"), side("dark")],
        "views": [Choice("Board", "#main", is_current=True), Choice("List", "#main")],
        "kinds": kinds(),
        "rows": rows(),
        "key_figures": [
            Figure("Memories", "128,402", note="+9,640 in 7 days"),
            Figure("Search time p50 / p95", "11 / 38", "ms"),
            Figure("Storage", "3.4", "GB", "41 GB free"),
        ],
        "plain_figures": [
            Figure("Memories", "214"),
            Figure("Versions", "371"),
            Figure("Messages", "1,022"),
            Figure("Named only", "3"),
        ],
        "states": states(),
        "sealed": sealed(),
        "parts": parts(),
        "legend": [
            {"label": "Meaning", "style": "first"},
            {"label": "Words", "style": "second"},
        ],
        "noted": noted(),
        "work": work(),
        **drawn(),
    }


def side(theme: str) -> dict[str, Any]:
    given = {
        "name": "",
        "expires_on": "2026-11-02",
        "typed": "usr_482",
        "address": "halden.example",
    }
    return {
        "theme": theme,
        "name": theme.capitalize(),
        "form": SpecimenForm(given, auto_id=f"{theme}_%s"),
        "radio": f"{theme}-theme",
        "search": f"{theme}-search",
        "palette": f"{theme}-palette",
    }


def kinds() -> list[Choice]:
    return [
        Choice("Users", "#main", is_current=True, count=9744),
        Choice("Agents", "#main", count=84),
        Choice("Apps", "#main", count=12),
        Choice("Runs", "#main", count=31),
    ]


def rows() -> list[dict[str, Any]]:
    names = ("id", "state", "word", "memories", "used", "is_selected")
    values = (
        ("usr_48213", "done", "active", 214, "2026-11-21 09:12", True),
        ("usr_20991", "running", "erasing", 24118, "2026-11-14 11:20", False),
        ("usr_10377", "held", "legal hold", 1906, "2026-11-20 17:52", True),
    )
    return [dict(zip(names, value, strict=True)) for value in values]


def states() -> list[tuple[str, str]]:
    return [
        ("done", "done, verified"),
        ("running", "running"),
        ("waiting", "waiting"),
        ("off", "off, not checked"),
        ("due", "due soon"),
        ("failed", "failed, overdue"),
        ("held", "held, restricted"),
        ("outside", "sends outside"),
    ]


def sealed() -> dict[str, SealedText]:
    removed, added = compare(OLD, NEW)
    return {
        "hidden": SealedText("hidden"),
        "revealed": SealedText("revealed", "Vegetarian, and no mushrooms"),
        "erased": SealedText("erased", at=text.midnight(TODAY)),
        "changed": SealedText("revealed", NEW, removed, added),
    }


def parts() -> list[ScorePart]:
    return [
        ScorePart("Meaning", 1, "0.61", "0.812", 0, 61),
        ScorePart("Words", 2, "0.27", "7.41", 61, 27),
    ]


def noted() -> list[NotedLine]:
    return [
        NotedLine(1, "{"),
        NotedLine(2, '  "event": "heartbeat",', "once a day: alive, and built of what"),
        NotedLine(3, '  "memories": "100k-1M"', "bucket: one of 6"),
        NotedLine(4, "}"),
    ]


def work() -> list[Step]:
    return [
        Step("Give the person a copy", "done", "exported 20 Nov 16:02", "20 Nov"),
        Step("Delete memories, versions, vectors", "running", "chunk 123 of 201", "61,000"),
        Step("Vacuum 6 tables", "failed", "2 rows not removable yet"),
        Step("Sign the certificate", "waiting"),
    ]


def drawn() -> dict[str, charts.Chart]:
    days = [TODAY - timedelta(days=back) for back in range(len(ADDED) - 1, -1, -1)]
    names = [(text.axis_day(day), text.axis_day(day), day == TODAY) for day in days]
    jobs = [
        charts.Point(short, name, (count, 40 * is_last), is_last, failed=4 * (count > HIGH))
        for (short, name, is_last), count in zip(names, ADDED, strict=True)
    ]
    uses = [
        charts.Point(short, name, (count * 5, count), is_last)
        for (short, name, is_last), count in zip(names, ADDED, strict=True)
    ]
    kept = [
        charts.Point(short, name, (116_000 + sum(ADDED[: place + 1]),), is_last)
        for place, (short, name, is_last) in enumerate(names)
    ]
    return {
        "bar_chart": charts.bars(
            jobs, [charts.Series("done"), charts.Series("waiting", style=3)], finding="Jobs per day"
        ),
        "lines_chart": charts.lines(
            uses,
            [charts.Series("searches", "searches"), charts.Series("adds", "adds", 2)],
            finding="Adds and searches per day",
        ),
        "line_chart": charts.stock(kept, charts.Series("memories"), finding="Memories kept"),
    }
