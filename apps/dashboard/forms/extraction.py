"""Which hosts may get texts, and a text to try extraction with."""

from __future__ import annotations

from django import forms

LONGEST = 5_000
HOSTS = {
    "allowed": "Allowed: texts may go to the hosts that the installation is set up with",
    "forbidden": "Forbidden: no text leaves the house; what needs such a host is refused",
}


class HostsForm(forms.Form):
    outside = forms.ChoiceField(label="Hosts outside", choices=HOSTS.items())


class TryForm(forms.Form):
    text = forms.CharField(
        label="Message of a user",
        max_length=LONGEST,
        widget=forms.Textarea,
        help_text="It is sent to the extractor as a job would send it. Nothing is kept",
        error_messages={"required": "Write what a user could say"},
    )
