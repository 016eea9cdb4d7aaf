from django.db import models


class Work(models.TextChoices):
    """What an item of the due-list waits for."""

    SEAL = "seal"  # an event
    ANCHOR = "anchor"  # a checkpoint
