"""Running jobs, one chunk at a time. A step may fail or be cut short: the next try does it again.

Leases and effects are transactions of their own; between them, outside any, the models are asked.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import fields, replace
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError

from apps.common.actor import Actor
from apps.common.errors import Forbidden, Unavailable
from apps.common.failures import log_failure
from apps.isolation.scope import tenant_scope
from apps.keys.ring import KeyClosed, KeyDestroyed
from apps.memories.domain.candidates import find_candidates, is_anything_known
from apps.memories.domain.hygiene import open_cleaner
from apps.memories.domain.leases import (
    Lease,
    LeaseLost,
    end_chunk,
    give_up,
    hold_lease,
    renew_lease,
    take_job,
)
from apps.memories.domain.limits import Full
from apps.memories.domain.projects import complete_guidance
from apps.memories.domain.queue import in_line
from apps.memories.domain.reconciling import Found, apply_statements
from apps.memories.domain.summaries import write_summary
from apps.memories.domain.values import Guidance
from apps.memories.domain.vectors import embed_texts
from apps.memories.enums import JobError, JobKind
from apps.memories.extractors import (
    Conversation,
    Extraction,
    ExtractorError,
    Said,
    get_extractor,
    has_extractor,
)
from apps.memories.extractors.port import DEFAULT_CATEGORIES
from apps.memories.extractors.sentences import is_question, split_sentences
from apps.memories.models import Job, Memory, Message
from apps.telemetry.outbound import calling_for

MOST_SENTENCES = 40  # of a chunk, by which what is known is looked up
MOST_KNOWN = 40  # memories that an extractor is shown
MOST_RACES = 3
LOOKS_EVERY = 0.05  # seconds, while another worker has the owner's jobs


def run_chunk(*, tenant_id: UUID, job_id: UUID, by: Actor) -> bool:
    """Work on the job's next chunk; False where there was nothing to do on it now.

    What goes wrong is noted in the job, which is tried again later or has failed. Only an error of
    the database is raised: then the lease runs out.
    """
    lease = take_job(tenant_id=tenant_id, job_id=job_id, by=by)
    if lease is None:
        return False
    try:
        _work(lease, by)
    except LeaseLost:
        pass
    except ExtractorError as error:
        give_up(lease, error, by=by)
    except Forbidden:
        give_up(lease, ExtractorError(JobError.OUTSIDE, is_final=True), by=by)
    except Unavailable:
        give_up(lease, ExtractorError(JobError.EMBEDDER), by=by)
    except Full:
        give_up(lease, ExtractorError(JobError.FULL, is_final=True), by=by)
    except KeyDestroyed:
        give_up(lease, ExtractorError(JobError.KEY_DESTROYED, is_final=True), by=by)
    except KeyClosed:
        give_up(lease, ExtractorError(JobError.CLOSED, is_final=True), by=by)
    except Exception as error:  # noqa: BLE001 - the job must not stand still until its lease ends
        log_failure(error)
        give_up(lease, ExtractorError(JobError.INTERNAL), by=by)
    return True


def run_now(*, tenant_id: UUID, job_id: UUID, goes_on: Callable[[], bool], by: Actor) -> None:
    """Run the job here, after those of its owner that came before it, while `goes_on`.

    For a caller who waits for its results. What can't be done now stays with the workers.
    """
    while goes_on():
        with tenant_scope(tenant_id):
            job = Job.objects.get(id=job_id)
            first = in_line(job.key_owner_id).values_list("id", "error").first()
        if job.ended_at or first is None:
            return
        oldest_id, error = first
        if error:  # it waits to be tried again
            return
        if not run_chunk(tenant_id=tenant_id, job_id=oldest_id, by=by):
            time.sleep(LOOKS_EVERY)


def _work(lease: Lease, by: Actor) -> None:
    extractor = get_extractor() if has_extractor() else None
    if extractor is None:
        raise ExtractorError(JobError.NO_EXTRACTOR, is_final=True)
    _check_tokens(lease.job)
    if lease.job.kind == JobKind.SUMMARY:
        return write_summary(lease, by=by)
    known = _find_known(lease)
    conversation = _describe(lease, known, _find_guidance(lease))
    with calling_for(lease.tenant_id):
        extraction = extractor.extract(conversation)
    renew_lease(lease, spent=(extraction.tokens_in, extraction.tokens_out))
    extraction = _clean(lease, extraction)
    texts = list(dict.fromkeys(one.text for one in extraction.statements))
    embeddings = embed_texts(texts, lease.names, tenant_id=lease.tenant_id) if texts else []
    found = Found(extraction, lease.messages, known, dict(zip(texts, embeddings, strict=True)))
    for _ in range(MOST_RACES):
        with suppress(IntegrityError):  # a memory that was repeated has been deleted meanwhile
            return _apply(lease, found, by)
    return _apply(lease, found, by)


def _clean(lease: Lease, extraction: Extraction) -> Extraction:
    """Without what the tenant does not store: a model may write what no message holds so."""
    cleaner = open_cleaner(lease.tenant_id, refuses=False)
    statements = [
        replace(
            one,
            text=cleaner.clean(one.text, field="text"),
            categories=tuple(cleaner.clean_values(one.categories, field="categories")),
        )
        for one in extraction.statements
    ]
    return replace(extraction, statements=statements)


def _apply(lease: Lease, found: Found, by: Actor) -> None:
    """All effects of a chunk, and that it is done, in one transaction."""
    with hold_lease(lease) as job:
        job.results += apply_statements(job, found, by=lease.sender)
        end_chunk(job, len(lease.messages), by=by)


def _check_tokens(job: Job) -> None:
    used = job.tokens_in + job.tokens_out
    if settings.EXTRACTION_JOB_TOKENS and used >= settings.EXTRACTION_JOB_TOKENS:
        raise ExtractorError(JobError.JOB_TOKENS, is_final=True)


def _find_known(lease: Lease) -> list[Memory]:
    """The memories nearest to what is said, the nearest first."""
    with tenant_scope(lease.tenant_id):
        if not is_anything_known(lease.job):
            return []
    sentences = _list_sentences(lease.messages)
    embeddings = embed_texts(sentences, lease.names, tenant_id=lease.tenant_id) if sentences else []
    with tenant_scope(lease.tenant_id):
        found = find_candidates(lease.job, dict(zip(sentences, embeddings, strict=True)))
    ranked = sorted((one for each in found.values() for one in each), key=lambda one: -one.cosine)
    return list({one.memory.id: one.memory for one in ranked}.values())[:MOST_KNOWN]


def _list_sentences(messages: Sequence[Message]) -> list[str]:
    sentences = [part for message in messages for part in split_sentences(message.content)]
    stated = [sentence for sentence in sentences if not is_question(sentence)]
    return list(dict.fromkeys(stated))[:MOST_SENTENCES]


def _describe(lease: Lease, known: Sequence[Memory], guidance: Guidance) -> Conversation:
    return Conversation(
        messages=[_say(message) for message in lease.messages],
        before=[_say(message) for message in lease.before],
        said_at=lease.job.said_at.astimezone(ZoneInfo(guidance.zone)),
        known=[str(memory.text) for memory in known],
        instructions=guidance.instructions,
        categories=guidance.categories or DEFAULT_CATEGORIES,
        includes=guidance.includes,
        excludes=guidance.excludes,
    )


def _find_guidance(lease: Lease) -> Guidance:
    job = lease.job
    return complete_guidance(
        Guidance(**{each.name: job.request[each.name] for each in fields(Guidance)}),
        tenant_id=lease.tenant_id,
        is_agents=job.agent_id is not None and job.user_id is None,
    )


def _say(message: Message) -> Said:
    return Said(message.role, message.content, message.name or "")
