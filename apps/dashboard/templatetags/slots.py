"""The intervals of a chart. There are hundreds on a page: a template takes ten times as long."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import template
from django.utils.html import escape
from django.utils.safestring import mark_safe

if TYPE_CHECKING:
    from django.utils.safestring import SafeString

    from apps.dashboard.presenters.charts import Chart, Slot

register = template.Library()


@register.simple_tag
def slots(chart: Chart) -> SafeString:
    """What each interval shows under the pointer. Words are escaped, all else are numbers."""
    is_line = chart.kind == "line"
    parts = (draw_slot(slot, chart.height, has_dots=is_line) for slot in chart.slots)
    return mark_safe("".join(parts))  # noqa: S308 - see above


def draw_slot(slot: Slot, height: int, *, has_dots: bool) -> str:
    dots = "".join(
        f'<circle class="dot stroke-{dot.style}" cx="{slot.middle}%" cy="{dot.y}" r="3.5"/>'
        for dot in slot.dots
        if has_dots
    )
    words = "".join(
        f'<text x="{slot.box_x}" dx="9" y="{line.y}">{escape(line.words)}</text>'
        for line in slot.lines
    )
    return (
        '<g class="slot">'
        f'<rect class="catch" x="{slot.x}%" width="{slot.width}%" height="{height}"/>'
        f'<line class="guide" x1="{slot.middle}%" x2="{slot.middle}%" y2="{height}"/>{dots}'
        f'<svg class="readout" x="{slot.middle}%" y="2"><rect x="{slot.box_x}"'
        f' width="{slot.box_width}" height="{slot.box_height}" rx="3"/>{words}</svg></g>'
    )
