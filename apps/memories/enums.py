from django.db import models


class EntityKind(models.TextChoices):
    """What an entity is to the application, in the order in which one owns a memory's key."""

    USER = "user"
    AGENT = "agent"
    APP = "app"
    RUN = "run"


class VersionEvent(models.TextChoices):
    ADD = "ADD"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


class MessageRole(models.TextChoices):
    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"


class FeedbackVerdict(models.TextChoices):
    POSITIVE = "POSITIVE"
    NEGATIVE = "NEGATIVE"
    VERY_NEGATIVE = "VERY_NEGATIVE"
