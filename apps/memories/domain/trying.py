"""What the extractor would make of a text, without keeping anything."""

from uuid import UUID

from django.utils import timezone

from apps.common.errors import Conflict, Unavailable
from apps.memories.enums import MessageRole
from apps.memories.extractors import (
    Conversation,
    Extraction,
    ExtractorError,
    Said,
    get_extractor,
    has_extractor,
)
from apps.telemetry.outbound import calling_for


def try_extraction(*, tenant_id: UUID, text: str) -> Extraction:
    """Asks the model as a job does, outside any scope. Conflict without an extractor.

    Unavailable, with the reason that a job would have, where nothing came of it.
    """
    if not has_extractor():
        raise Conflict("Messages are kept as they are: no extractor is set.")
    said = Conversation([Said(MessageRole.USER, text, "")], timezone.now())
    try:
        with calling_for(tenant_id):
            return get_extractor().extract(said)
    except ExtractorError as error:
        raise Unavailable(str(error)) from None
