"""Prepares an empty instance and prints what signs in to it; does nothing on a prepared one."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from apps.memories.domain.embedding_models import ModelChanged, check_model
from apps.operations.domain.first_run import prepare_instance
from apps.tenants.domain.tenant_keys import check_master_key


class Command(BaseCommand):
    help = __doc__

    def handle(self, *_: Any, **__: Any) -> None:
        try:
            first = prepare_instance()
            check_master_key()
            check_model()
        except (ImproperlyConfigured, ModelChanged) as error:
            raise CommandError(str(error)) from None
        if first:
            self.stdout.write(f"Operator: {first.email}")
            self.stdout.write(f"Password: {first.password}")
            self.stdout.write(f"API key: {first.api_key}")
