"""What an operator enters about a request. An end user's id is always sent by POST."""

from __future__ import annotations

from django import forms
from django.utils import timezone

from apps.dashboard.forms.typed import TypedForm
from apps.memories.enums import EntityKind
from apps.privacy.enums import IdentityCheck, RefusalReason, RequestKind

KINDS = [(kind.value, kind.label) for kind in RequestKind if kind != RequestKind.RECTIFICATION]


class OpenForm(forms.Form):
    kind = forms.ChoiceField(label="What the person asks for", choices=KINDS)
    subject_kind = forms.ChoiceField(
        label="Kind of entity", choices=[(kind.value, kind.value) for kind in EntityKind]
    )
    subject_name = forms.CharField(
        label="Id",
        max_length=256,
        help_text="As the application names them",
        error_messages={"required": "Enter the id that the application uses"},
    )
    reference = forms.CharField(
        label="Reference", max_length=200, required=False, help_text="Your own, if there is one"
    )
    received_on = forms.DateField(
        label="Received on",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        initial=lambda: timezone.now().date(),
    )
    is_lift = forms.BooleanField(label="Lift a restriction or an objection", required=False)


class VerifyForm(forms.Form):
    check = forms.ChoiceField(label="How it was made sure who asks", choices=IdentityCheck.choices)


class RefuseForm(forms.Form):
    reason = forms.ChoiceField(label="Reason", choices=RefusalReason.choices)
    explanation = forms.CharField(
        label="Explanation for the person",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Explain the refusal: the person is owed its reasons"},
    )


class ExtendForm(forms.Form):
    months = forms.TypedChoiceField(
        label="Extend by", choices=[("1", "one month"), ("2", "two months")], coerce=int
    )
    explanation = forms.CharField(
        label="Reasons, told to the person",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Give the reasons: the person is owed them"},
    )


class NoteForm(forms.Form):
    text = forms.CharField(
        label="Note",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "Write the note"},
    )


class AssignForm(forms.Form):
    """Which operators there are, the domain knows."""

    assignee_id = forms.UUIDField(required=False)


class CorrectForm(forms.Form):
    text = forms.CharField(
        label="What is right",
        max_length=10_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="It takes the place of the text; the text before stays as a version",
        error_messages={"required": "Write what is right"},
    )
    reference = OpenForm.base_fields["reference"]


class ExportForm(forms.Form):
    """A copy of everything, before it is erased or for the person."""

    kind = forms.ChoiceField(
        label="Copy",
        choices=[
            (RequestKind.ACCESS.value, "for the person to read (Art. 15)"),
            (RequestKind.PORTABILITY.value, "for machines, imports elsewhere (Art. 20)"),
        ],
    )
    check = VerifyForm.base_fields["check"]


class EraseForm(TypedForm):
    consequence = "erase it"
    field_order = ("check", "typed")

    check = VerifyForm.base_fields["check"]
