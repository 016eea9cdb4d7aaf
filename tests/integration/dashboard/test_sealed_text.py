"""The one component that shows the words of a memory."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template

from apps.dashboard.presenters.parts import Change, SealedText

TEMPLATES = Path(settings.BASE_DIR) / "templates"


def draw(sealed, form="block"):
    template = Template("{% load ui %}{% sealed_text sealed form %}")
    return template.render(Context({"sealed": sealed, "form": form}))


@pytest.mark.parametrize("form", ["block", "line", "lead", "diff"])
def test_hidden_text_is_the_same_for_all(form):
    hidden = draw(SealedText("hidden"), form)

    assert hidden.strip() == (
        '<span class="sealed hidden"><span class="visually-hidden">hidden text</span></span>'
    )


@pytest.mark.parametrize("state", ["hidden", "erased"])
def test_words_that_slipped_in_are_not_drawn(state):
    sealed = SealedText(state, "likes tea", (Change("likes tea", True),), at=None)

    assert "tea" not in draw(sealed) + draw(sealed, "diff")


def test_erased_text_says_when():
    sealed = SealedText("erased", at=datetime(2026, 11, 21, tzinfo=UTC))

    assert "erased <time" in draw(sealed)
    assert ">2026-11-21<" in draw(sealed)


def test_no_other_template_names_the_words():
    """Others name words of their own: of a state, of work that runs."""
    named = {
        owner
        for path in TEMPLATES.rglob("*.html")
        if path.name != "sealed_text.html"
        for owner in re.findall(r"([\w.]+)\.words\b", path.read_text())
    }

    assert named == {
        "column",
        "export",
        "factors",
        "horizon",
        "key",
        "need",
        "one",
        "page",
        "page.row",
        "row",
    }
