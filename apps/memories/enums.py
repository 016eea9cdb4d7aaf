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


class WebhookEvent(models.TextChoices):
    MEMORY_ADD = "memory_add"
    MEMORY_UPDATE = "memory_update"
    MEMORY_DELETE = "memory_delete"
    MEMORY_CATEGORIZE = "memory_categorize"
    JOB_COMPLETED = "ingest_job_completed"
    JOB_PARTIALLY_COMPLETED = "ingest_job_partially_completed"
    JOB_FAILED = "ingest_job_failed"
    JOB_CANCELLED = "ingest_job_cancelled"
