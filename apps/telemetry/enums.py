"""Words that are stored."""

from django.db import models


class Feature(models.TextChoices):
    """What an application or an operator may use; each is a field of the event `feature_use`."""

    ADD = "add", "calls that add messages"
    SEARCH = "search", "searches"
    LIST = "list", "lists of memories"
    READ = "read", "readings of one memory"
    UPDATE = "update", "changes of a memory"
    DELETE = "delete", "deletions of one memory"
    DELETE_MANY = "delete_many", "deletions by entities"
    HISTORY = "history", "readings of a history"
    ENTITIES = "entities", "lists of entities"
    EVENTS = "events", "readings of jobs"
    SUMMARY = "summary", "requests for summaries"
    DASHBOARD = "dashboard", "pages of the dashboard"


class Place(models.TextChoices):
    """Where an error was not expected."""

    API = "api"
    DASHBOARD = "dashboard"
    TASK = "task"


class Outcome(models.TextChoices):
    """What became of a report. `sending` stays where the process ended during the call."""

    SENDING = "sending"
    DELIVERED = "delivered"
    RETRIED = "retried"
    DROPPED = "dropped"


class Failure(models.TextChoices):
    """Why there is no HTTP status."""

    TIMEOUT = "timeout"
    NO_ANSWER = "no_answer"
    CHANGED_WIRE = "changed_wire"
    FAULT = "fault"


class Purpose(models.TextChoices):
    """Why this installation calls another host."""

    EMBEDDINGS = "embeddings"
    EXTRACTION = "extraction"
    WEBHOOKS = "webhooks"
    ANCHORS = "anchors", "anchors of the audit trail"
    INVITATIONS = "invitations", "mail of invitations"
    SIGN_ON = "sign_on", "single sign-on of operators"
    IMPORT = "import", "import of memories from mem0"
