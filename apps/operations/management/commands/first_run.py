"""Prepares an empty instance and prints what signs in to it; does nothing on a prepared one."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from apps.common.actor import SYSTEM
from apps.memories.domain.embedding_models import choose_model
from apps.memories.domain.renewing import plan_renewals
from apps.operations.domain.first_run import prepare_instance
from apps.tenants.domain.tenant_keys import check_master_key

CHANGED = (
    "The embedding model has changed: the workers embed all memories anew. Until one is done it is"
    " found by its words. To go back, set EMBEDDER, EMBEDDING_MODEL and EMBEDDING_DIMENSIONS back."
)


class Command(BaseCommand):
    help = __doc__

    def handle(self, *_: Any, **__: Any) -> None:
        try:
            first = prepare_instance()
            check_master_key()
            is_changed = choose_model()
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from None
        if is_changed and plan_renewals(by=SYSTEM):
            self.stderr.write(CHANGED)
        if first:
            self.stdout.write(f"Operator: {first.email}")
            self.stdout.write(f"Password: {first.password}")
            self.stdout.write(f"API key: {first.api_key}")
