"""All models of memories, and of what is done with them."""

from apps.memories.models.entities import BlockedId, Entity, ScopedByEntities
from apps.memories.models.erasures import Erasure, JournalLine
from apps.memories.models.jobs import Job, JobDue, Message, Source
from apps.memories.models.memories import Feedback, Memory, MemoryQuerySet, Version
from apps.memories.models.projects import MemoryExport, Project
from apps.memories.models.vectors import EmbeddingModel, Renewal, Vector
from apps.memories.models.webhooks import Delivery, Webhook

__all__ = [
    "BlockedId",
    "Delivery",
    "EmbeddingModel",
    "Entity",
    "Erasure",
    "Feedback",
    "Job",
    "JobDue",
    "JournalLine",
    "Memory",
    "MemoryExport",
    "MemoryQuerySet",
    "Message",
    "Project",
    "Renewal",
    "ScopedByEntities",
    "Source",
    "Vector",
    "Version",
    "Webhook",
]
