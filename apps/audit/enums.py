from django.db import models


class Place(models.TextChoices):
    """Where checkpoints are anchored outside the database."""

    FILE = "file"
    WEBHOOK = "webhook"


class Work(models.TextChoices):
    """What an item of the due-list waits for."""

    SEAL = "seal"  # an event
    ANCHOR = "anchor"  # a checkpoint
