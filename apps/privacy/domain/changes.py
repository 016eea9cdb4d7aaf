"""Rectification, restriction and objection: the short kinds of work."""

from uuid import UUID

from apps.common.errors import Invalid, NotFound
from apps.memories.domain.flags import lift_flag, set_flag
from apps.memories.domain.memories import rectify_memory
from apps.memories.enums import EntityFlag
from apps.memories.models import Entity, Memory
from apps.privacy.domain.list_exports import drop_list_exports
from apps.privacy.domain.running import Run, Steps, count_step
from apps.privacy.enums import RequestKind, Step

FLAGS = {
    RequestKind.RESTRICTION: EntityFlag.RESTRICTED,
    RequestKind.OBJECTION: EntityFlag.OBJECTED,
}


def set_mark(run: Run) -> bool:
    """Where nothing is kept about the person there is nothing to mark."""
    with run.chunk() as request:
        if request.subject_id and Entity.objects.filter(id=request.subject_id).exists():
            change = lift_flag if request.is_lift else set_flag
            change(entity_id=request.subject_id, flag=FLAGS[RequestKind(request.kind)], by=run.by)
        return True


def correct_memory(run: Run) -> bool:
    """One of the corrections, embedded outside of any transaction."""
    with run.chunk() as request:
        corrections = request.corrections or []
        count_step(request, Step.CORRECT, total=len(corrections))
        place = request.progress["steps"][Step.CORRECT].get("done", 0)
        if place >= len(corrections):
            return True
        correction = corrections[place]
        memory_id = UUID(correction["memory_id"])
        check_is_about(memory_id, request.subject_id)
    rectify_memory(
        tenant_id=run.tenant_id,
        memory_id=memory_id,
        text=correction["text"],
        request_id=run.request_id,
        by=run.by,
    )
    with run.chunk() as request:
        drop_list_exports(by=run.by)  # any of them may hold what was wrong
        count_step(request, Step.CORRECT, done=1)
        return place + 1 >= len(corrections)


def check_is_about(memory_id: UUID, subject_id: UUID | None) -> None:
    """A person corrects what names them, and nothing else."""
    memory = Memory.objects.live().filter(id=memory_id).first()
    if memory is None:
        raise NotFound("Memory not found!")
    if subject_id not in memory.entity_ids:
        raise Invalid("This memory is not about this person.", field="corrections")


CORRECTING: Steps = {Step.CORRECT: correct_memory}
MARKING: Steps = {Step.FLAG: set_mark}
