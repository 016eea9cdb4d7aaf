"""What a tenant does not store, and taking it out of what comes in, before anything else is done.

Each process keeps a tenant's policy for some seconds, so that an add does not ask for it again.
"""

import time
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from threading import Lock
from typing import Any
from uuid import UUID

from apps.audit.actions import Action
from apps.audit.domain import record
from apps.common.actor import Actor
from apps.common.errors import Invalid
from apps.isolation.scope import tenant_scope
from apps.memories.domain.values import NO_GUIDANCE, Guidance, NewMemories, NewMessage
from apps.memories.enums import Sensitive, Treatment
from apps.memories.hygiene import policy as policies
from apps.memories.hygiene.cleaning import Cleaner
from apps.memories.hygiene.policy import Policy
from apps.tenants.models import Tenant

KEPT_SECONDS = 5.0
MOST_KEPT = 10_000
MOST_COUNTRIES = 40

_lock = Lock()
_kept: "OrderedDict[UUID, tuple[float, Policy]]" = OrderedDict()  # of this process


def get_policy(tenant_id: UUID) -> Policy:
    """As it was at most KEPT_SECONDS ago. One statement, most times none."""
    kept = _kept.get(tenant_id)
    if kept and kept[0] > time.monotonic():
        return kept[1]
    policy = read_stored(tenant_id)
    with _lock:
        _kept[tenant_id] = time.monotonic() + KEPT_SECONDS, policy
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return policy


def read_stored(tenant_id: UUID) -> Policy:
    """As it is now. One statement."""
    stored = Tenant.objects.filter(id=tenant_id).values_list("hygiene", flat=True).first()
    return policies.read_policy(stored or {})


def configure_hygiene(*, tenant_id: UUID, policy: Policy, by: Actor) -> None:
    """In force at once here, and within KEPT_SECONDS in every process; what is stored stays.

    Refuses what is no country's code of two letters.
    """
    if len(policy.countries) > MOST_COUNTRIES or not all(map(_is_country, policy.countries)):
        raise Invalid(
            f"Name at most {MOST_COUNTRIES} countries by two letters, such as DE.",
            field="countries",
        )
    with tenant_scope(tenant_id):
        Tenant.objects.filter(id=tenant_id).update(hygiene=policies.write_policy(policy))
        facts: dict[str, Any] = {
            name: [kind for kind in Sensitive if policy.treatments[kind] == treatment]
            for name, treatment in (
                ("stored", Treatment.STORE),
                ("redacted", Treatment.REDACT),
                ("refused", Treatment.REFUSE),
            )
        }
        record(Action.HYGIENE_CONFIGURE, by=by, target_id=tenant_id, **facts)
    with _lock:
        _kept.pop(tenant_id, None)


def open_cleaner(tenant_id: UUID, *, refuses: bool = True) -> Cleaner:
    return Cleaner(get_policy(tenant_id), refuses=refuses)


def clean_new(tenant_id: UUID, new: NewMemories) -> tuple[NewMemories, Mapping[str, int]]:
    """What is to be stored of an add, and how often what was redacted; Invalid where refused.

    Entity ids are the application's own names for what it stores, and stay.
    """
    cleaner = open_cleaner(tenant_id)
    cleaned = replace(
        new,
        messages=[_clean_message(message, cleaner) for message in new.messages],
        metadata=cleaner.clean_values(new.metadata, field="metadata"),
        categories=[cleaner.clean(name, field="categories") for name in new.categories],
        guidance=_clean_guidance(new.guidance, cleaner),
    )
    return cleaned, cleaner.redacted


def count_redacted(counts: Iterable[int]) -> dict[str, Any]:
    """The fact of an audit event; none where nothing was redacted."""
    total = sum(counts)
    return {"redacted": total} if total else {}


def _clean_message(message: NewMessage, cleaner: Cleaner) -> NewMessage:
    content = cleaner.clean(message.content, field="messages")
    name = cleaner.clean(message.name, field="messages") if message.name else ""
    is_same = content is message.content and name is message.name
    return message if is_same else replace(message, content=content, name=name)


def _clean_guidance(guidance: Guidance, cleaner: Cleaner) -> Guidance:
    if guidance == NO_GUIDANCE:
        return guidance
    return replace(
        guidance,
        instructions=cleaner.clean(guidance.instructions, field="custom_instructions"),
        includes=cleaner.clean(guidance.includes, field="includes"),
        excludes=cleaner.clean(guidance.excludes, field="excludes"),
        categories=cleaner.clean_values(dict(guidance.categories), field="custom_categories"),
    )


def _is_country(code: str) -> bool:
    return len(code) == 2 and code.isascii() and code.isalpha() and code.isupper()  # noqa: PLR2004
