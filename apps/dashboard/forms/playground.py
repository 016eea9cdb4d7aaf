"""What is said in the playground, and by whom. Always sent by POST."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from apps.common.errors import Invalid
from apps.memories.filters import check_entity_id

ADD, RECALL = "add", "recall"
EXAMPLES = (
    (ADD, "I drink tea, never coffee."),
    (ADD, "My daughter Mia starts school in August."),
    (RECALL, "What do I drink?"),
)


class PlaygroundForm(forms.Form):
    """`example` is the number of one, in place of a text of one's own."""

    user = forms.CharField(
        label="User",
        initial="playground",
        help_text="Whose memory it becomes, or is asked",
        max_length=256,
        error_messages={"required": "Name the user whose memory it is"},
    )
    text = forms.CharField(
        label="Say or ask something",
        required=False,
        max_length=settings.MAX_TEXT_LENGTH,
        widget=forms.Textarea({"rows": 3, "data-search": True}),
    )
    act = forms.ChoiceField(choices=[(ADD, "Add"), (RECALL, "Recall")], required=False)
    example = forms.TypedChoiceField(
        choices=[(place, text) for place, (_, text) in enumerate(EXAMPLES)],
        coerce=int,
        empty_value=None,
        required=False,
    )

    def clean_user(self) -> str:
        try:
            return check_entity_id(self.cleaned_data["user"], field="User")
        except Invalid as error:
            raise forms.ValidationError(error.detail) from None

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        example = given.get("example")
        if example is not None:
            given["act"], given["text"] = EXAMPLES[example]
        elif "text" in given and not given["text"].strip():
            self.add_error("text", "Write something, or choose an example")
        given["act"] = given.get("act") or ADD
        return given
