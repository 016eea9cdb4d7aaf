from django.db import models


class EntityKind(models.TextChoices):
    """What an entity is to the application, in the order in which one owns a memory's key."""

    USER = "user"
    AGENT = "agent"
    APP = "app"
    RUN = "run"


class EntityFlag(models.TextChoices):
    """What is being done, or may not be done, with all that an entity has."""

    RESTRICTED = "restricted", "hidden from the API, from search and from extraction"
    OBJECTED = "objected", "nothing new may be written"
    HELD = "held", "nothing may be deleted: a legal hold"
    ERASING = "erasing", "an erasure runs"


class VersionEvent(models.TextChoices):
    ADD = "ADD"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


class MessageRole(models.TextChoices):
    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"
