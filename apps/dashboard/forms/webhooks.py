"""How a webhook is asked for; what makes one right is the domain's to say."""

from __future__ import annotations

from django import forms

from apps.memories.domain.webhooks import WebhookValues
from apps.memories.enums import WebhookEvent

LONGEST_NAME, LONGEST_URL = 200, 2_000
EVENTS = {
    WebhookEvent.MEMORY_ADD: "memory_add: a memory was added",
    WebhookEvent.MEMORY_UPDATE: "memory_update: its text or metadata changed",
    WebhookEvent.MEMORY_DELETE: "memory_delete: its text was destroyed",
    WebhookEvent.MEMORY_CATEGORIZE: "memory_categorize: extraction gave it categories",
    WebhookEvent.JOB_COMPLETED: "ingest_job_completed: a job succeeded",
    WebhookEvent.JOB_PARTIALLY_COMPLETED: "ingest_job_partially_completed: it failed half-way",
    WebhookEvent.JOB_FAILED: "ingest_job_failed: it failed before anything was kept",
    WebhookEvent.JOB_CANCELLED: "ingest_job_cancelled: a delete ended it",
}
STATES = {"on": "On: it is told of every event from now on", "off": "Off: nothing is sent"}


class WebhookForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=LONGEST_NAME,
        help_text="Which application listens there",
        error_messages={"required": "Give the webhook a name"},
    )
    url = forms.CharField(
        label="Address",
        max_length=LONGEST_URL,
        help_text="Begins with https:// or http://; it must be reachable from the internet",
        error_messages={"required": "Enter the address that is to be called"},
    )
    event_types = forms.MultipleChoiceField(
        label="Events",
        choices=EVENTS.items(),
        error_messages={"required": "Choose at least one event"},
    )
    state = forms.ChoiceField(label="State", choices=STATES.items(), initial="on")

    def read_values(self) -> WebhookValues:
        given = self.cleaned_data
        return WebhookValues(
            name=given["name"],
            url=given["url"],
            event_types=[WebhookEvent(event) for event in given["event_types"]],
            is_active=given["state"] == "on",
        )
