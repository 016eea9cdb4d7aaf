"""Making the row by which a memory is found."""

from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID

from apps.common.errors import Forbidden, Unavailable
from apps.memories.domain.embedding_models import current_model_id
from apps.memories.embedders import EmbedderError, get_embedder
from apps.memories.embedders import Vector as Embedding
from apps.memories.lexicon import count_terms
from apps.memories.models import Memory, Vector
from apps.memories.outside import OutsideForbidden
from apps.memories.recall.texts import prepare_embedding
from apps.telemetry.outbound import calling_for


def embed_texts(texts: Sequence[str], names: Sequence[str], *, tenant_id: UUID) -> list[Embedding]:
    """Vectors of what a tenant's texts state, without these names. Outside scopes."""
    prepared = [prepare_embedding(text, names) for text in texts]
    try:
        with calling_for(tenant_id):
            return get_embedder().embed_texts(prepared)
    except OutsideForbidden as error:
        raise Forbidden(str(error)) from None
    except EmbedderError as error:
        raise Unavailable(str(error)) from error


def embed_query(text: str, *, tenant_id: UUID) -> Embedding:
    """The vector of a question for a tenant. Outside scopes."""
    try:
        with calling_for(tenant_id):
            return get_embedder().embed_query(text)
    except OutsideForbidden as error:
        raise Forbidden(str(error)) from None
    except EmbedderError as error:
        raise Unavailable(str(error)) from error


def make_vector(memory: Memory, embedding: Embedding, thread: int) -> Vector:
    terms, length = count_terms(memory.text, speaker=memory.speaker or "")
    return Vector(
        id=memory.id,
        key_owner_id=memory.key_owner_id,
        user_id=memory.user_id,
        agent_id=memory.agent_id,
        app_id=memory.app_id,
        run_id=memory.run_id,
        created_at=memory.created_at,
        expires_on=memory.expires_on,
        model_id=current_model_id(),
        embedding=embedding,
        terms=terms,
        length=length,
        thread=thread,
    )


def make_thread(owner_id: UUID, conversation_id: UUID) -> int:
    """The number of a conversation: a run's, or that of one add without a run."""
    digest = sha256(owner_id.bytes + conversation_id.bytes).digest()
    return int.from_bytes(digest[:8], "big", signed=True)
