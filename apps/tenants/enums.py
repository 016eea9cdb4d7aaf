from django.db import models


class Role(models.TextChoices):
    """What a membership allows; the table is in rules.py."""

    OWNER = "owner"
    PRIVACY_OFFICER = "privacy_officer"
    EDITOR = "editor"
    VIEWER = "viewer"


class ApiScope(models.TextChoices):
    """What an API key may do."""

    READ = "read"
    WRITE = "write"
    DELETE = "delete"
    PRIVACY = "privacy"
    ADMIN = "admin"


class ReadAudit(models.TextChoices):
    """Which reads by applications are audited. Operators' reads always are."""

    OFF = "off", "none"
    SAMPLED = "sampled", "the first in an hour, per key and entity"
    ALL = "all", "all"


DEFAULT_SCOPES = (ApiScope.READ, ApiScope.WRITE, ApiScope.DELETE)
