"""What an application's users think of memories."""

from uuid import UUID

from apps.audit.actions import Action
from apps.audit.domain import record, records_refusals
from apps.common.actor import Actor
from apps.common.errors import NotFound
from apps.isolation.scope import tenant_scope
from apps.keys.ring import current_ring
from apps.memories.domain.hygiene import open_cleaner
from apps.memories.enums import FeedbackVerdict
from apps.memories.flags import mark_flagged
from apps.memories.models import Feedback, Memory
from apps.memories.queries.memories import RESTRICTED, refuse_restricted


@records_refusals(Action.FEEDBACK_GIVE, target="memory_id")
def give_feedback(
    *,
    tenant_id: UUID,
    memory_id: UUID,
    verdict: FeedbackVerdict | None,
    reason: str | None,
    by: Actor,
) -> Feedback:
    """Keep the last verdict on a memory in place of any before; None withdraws it.

    What the tenant does not store is redacted first, or Invalid.

    NotFound if the memory is gone, Forbidden while it is restricted, KeyDestroyed if its entity
    has been erased.
    """
    reason = open_cleaner(tenant_id).clean_optional(reason, field="feedback_reason")
    with tenant_scope(tenant_id):
        held = Memory.objects.live().filter(id=memory_id).select_for_update(no_key=True)
        memory = mark_flagged(held, is_restricted=RESTRICTED).first()
        if memory is None:
            raise NotFound("Memory not found!")
        refuse_restricted(memory)
        current_ring().load_for_writing([memory.key_owner_id])
        current_ring().entity(memory.key_owner_id)
        Feedback.objects.filter(memory=memory_id).delete()
        feedback = Feedback.objects.create(
            memory_id=memory_id, key_owner_id=memory.key_owner_id, verdict=verdict, reason=reason
        )
        is_withdrawn = verdict is None
        record(Action.FEEDBACK_GIVE, by=by, target_id=memory_id, withdrawn=is_withdrawn)
        return feedback
