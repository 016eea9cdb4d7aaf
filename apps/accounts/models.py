"""Operators: the people who sign in to the dashboard."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from apps.common.ids import uuid7
from apps.common.personal_data import OPERATOR, OURS, Classified, Nobodys

NAME_LENGTH = 120


class OperatorManager(BaseUserManager["Operator"]):
    def get_by_natural_key(self, username: str | None) -> "Operator":
        return self.get(email__iexact=username)


class Operator(AbstractBaseUser):
    """Signs in with an e-mail address. What they may do in a tenant is their membership's role."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=NAME_LENGTH, blank=True)
    is_instance_owner = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[OperatorManager] = OperatorManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"

    class PersonalData(Classified):
        whose = Nobodys("operators, not whom memories are kept about")
        id = OURS
        password = OPERATOR
        last_login = OPERATOR
        email = OPERATOR
        name = OPERATOR
        is_instance_owner = OPERATOR
        is_active = OPERATOR
        created_at = OPERATOR

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        super().clean()
        self.email = self.email.strip().lower()


class Tally(models.Model):
    """How often something was tried or asked, for a while; not readable by whom."""

    key = models.CharField(primary_key=True, max_length=64)
    value = models.JSONField()
    expires_at = models.DateTimeField()

    class PersonalData(Classified):
        whose = Nobodys(
            "tries at signing in and requests of API keys, by hashes; removed as they expire"
        )
        key = OPERATOR
        value = OPERATOR
        expires_at = OURS

    class Meta:
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="accounts_tally_expires")]

    def __str__(self) -> str:
        return self.key
