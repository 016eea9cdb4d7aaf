"""What extraction has cost a tenant. Call inside the tenant's scope."""

from __future__ import annotations

from django.db.models import Sum
from django.utils import timezone

from apps.common.ids import first_id
from apps.memories.models import Job


def count_tokens_today() -> tuple[int, int]:
    """Asked and answered, of the jobs accepted since midnight UTC. One statement."""
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    jobs = Job.objects.filter(id__gte=first_id(midnight), created_at__gte=midnight)
    used = jobs.aggregate(asked=Sum("tokens_in"), answered=Sum("tokens_out"))
    return used["asked"] or 0, used["answered"] or 0
