"""What the domain refuses, said at the field of the form."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.forms import BaseForm

    from apps.common.errors import DomainError


def add_refusal(form: BaseForm, error: DomainError) -> None:
    """At the field that the error names, where the form has it; else above all fields."""
    field = error.field if error.field in form.fields else None
    form.add_error(field, error.detail.rstrip("."))
