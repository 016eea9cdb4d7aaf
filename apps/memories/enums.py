from django.db import models


class EntityKind(models.TextChoices):
    """What an entity is to the application, in the order in which one owns a memory's key."""

    USER = "user"
    AGENT = "agent"
    APP = "app"
    RUN = "run"


class EntityFlag(models.TextChoices):
    """What is being done, or may not be done, with all that an entity has."""

    RESTRICTED = "restricted", "hidden from the API, from search and from extraction"
    OBJECTED = "objected", "nothing new may be written"
    HELD = "held", "nothing may be deleted: a legal hold"
    ERASING = "erasing", "an erasure runs"


class VersionEvent(models.TextChoices):
    ADD = "ADD"
    UPDATE = "UPDATE"
    DELETE = "DELETE"


class MessageRole(models.TextChoices):
    USER = "user"
    ASSISTANT = "assistant"
    SYSTEM = "system"


class JobState(models.TextChoices):
    """Spelled as on the wire."""

    PENDING = "PENDING"
    RUNNING = "RUNNING"
    SUCCEEDED = "SUCCEEDED"
    FAILED = "FAILED"


UNFINISHED = (JobState.PENDING, JobState.RUNNING)


class JobKind(models.TextChoices):
    """What a job makes: memories of messages, or a summary of memories."""

    ADD = "add"
    SUMMARY = "summary"


class JobError(models.TextChoices):
    """Why a job failed or has to be tried again. The words are all that anybody is told."""

    UNREACHABLE = "unreachable", "The extraction host cannot be reached: check OPENAI_BASE_URL."
    TIMED_OUT = "timed-out", "The extraction host did not answer within EXTRACTION_TIMEOUT."
    BUSY = "busy", "The extraction host is at its limit."
    HOST_FAILED = "host-failed", "The extraction host failed."
    KEY_REFUSED = "key-refused", "The extraction host refused the key: check OPENAI_API_KEY."
    MODEL_UNKNOWN = (
        "model-unknown",
        "The extraction host does not know the model: check EXTRACTION_MODEL.",
    )
    REQUEST_REFUSED = "request-refused", "The extraction host refused the request."
    NONSENSE = "nonsense", "The model did not answer in the form that was asked for."
    CUT_OFF = "cut-off", "The model's answer was longer than EXTRACTION_MAX_TOKENS."
    TOO_MANY = "too-many", "The model answered more statements than the messages can hold."
    JOB_TOKENS = "job-tokens", "The job has used EXTRACTION_JOB_TOKENS."
    DAY_TOKENS = "day-tokens", "The tenant has used EXTRACTION_DAY_TOKENS; the job waits."
    OUTSIDE = "outside", "The tenant forbids hosts outside: see the page Extraction."
    EMBEDDER = "embedder", "The embedding model could not be used."
    NO_EXTRACTOR = "no-extractor", "No extractor is configured any more: see EXTRACTOR."
    CLOSED = (
        "closed",
        "Nothing can be written for its entities: the person has objected, or an erasure runs.",
    )
    RESTRICTED = "restricted", "One of its entities is restricted; the job waits."
    KEY_DESTROYED = "key-destroyed", "The key of the entity has been destroyed."
    DELETED = "deleted", "The memories of its entities were deleted before it was done."
    FULL = "full", "MAX_ENTITY_MEMORIES or MAX_TENANT_MEMORIES allows no more memories."
    WORKER_LOST = "worker-lost", "The workers that ran it were lost, again and again."
    IMPORTED = "imported", "It was brought from another instance, where it was not done."
    NOTHING = "nothing", "No memory is left that a summary could be made of."
    CHANGED = "changed", "What it was made of was changed meanwhile; it is made anew."
    INTERNAL = "internal", "The server failed. Its log says where."


class Verdict(models.TextChoices):
    """What became of a statement, and why."""

    NEW = "new", "Nothing known says it."
    SUPERSEDES = "supersedes", "It takes the place of what was known."
    SAME_TEXT = "same-text", "The same text is known."
    SAME_WORDS = "same-words", "A memory in nearly the same words is known."
    SAME_MEANING = "same-meaning", "The model found a memory that says it."
    TAKEN_BACK = "taken-back", "The same messages say otherwise later."
    UNKNOWN_MESSAGE = "unknown-message", "It names no message of the conversation."
    UNKNOWN_MEMORY = "unknown-memory", "It names a memory that was not offered; kept as new."
    TOO_MUCH = "too-much", "It would supersede more than a statement may; kept as new."
    PROTECTED = "protected", "It would supersede an immutable memory; kept beside it."
    TOO_LONG = "too-long", "It is longer than a statement may be."
    MALFORMED = "malformed", "It is not in the form that was asked for."


class FeedbackVerdict(models.TextChoices):
    POSITIVE = "POSITIVE"
    NEGATIVE = "NEGATIVE"
    VERY_NEGATIVE = "VERY_NEGATIVE"


class WebhookEvent(models.TextChoices):
    MEMORY_ADD = "memory_add"
    MEMORY_UPDATE = "memory_update"
    MEMORY_DELETE = "memory_delete"
    MEMORY_CATEGORIZE = "memory_categorize"
    JOB_COMPLETED = "ingest_job_completed"
    JOB_PARTIALLY_COMPLETED = "ingest_job_partially_completed"
    JOB_FAILED = "ingest_job_failed"
    JOB_CANCELLED = "ingest_job_cancelled"


class Sensitive(models.TextChoices):
    """What can be found in a text by its form. Names of people can't."""

    API_KEY = "api_key", "API key"
    TOKEN = "token", "sign-in token"
    PRIVATE_KEY = "private_key", "private key"
    PASSWORD = "password", "password"
    CARD = "card", "payment card"
    EMAIL = "email", "e-mail address"
    PHONE = "phone", "telephone number"
    IBAN = "iban", "IBAN"
    IP = "ip", "IP address"
    NATIONAL_ID = "national_id", "national id"


class Treatment(models.TextChoices):
    """What becomes of such a part of a text before anything is stored."""

    STORE = "store", "Store"
    REDACT = "redact", "Redact"
    REFUSE = "refuse", "Refuse"


class DueWork(models.TextChoices):
    """What the sweeper sends to a worker."""

    JOB = "job"
    DELIVERY = "delivery"


class DeliveryState(models.TextChoices):
    PENDING = "pending"
    DELIVERED = "delivered"
    FAILED = "failed"


class DeliveryError(models.TextChoices):
    """Why a delivery failed, or has to be tried again. Never the receiver's own words."""

    UNKNOWN_HOST = "unknown-host", "No host has this name."
    PRIVATE = "private", "It is no public address: see WEBHOOK_PRIVATE_ADDRESSES."
    UNREACHABLE = "unreachable", "The host cannot be reached."
    UNTRUSTED = "untrusted", "The host's certificate is not valid."
    TIMED_OUT = "timed-out", "The host did not answer in time."
    REDIRECTED = "redirected", "The host redirects; redirects are not followed."
    REFUSED = "refused", "The host did not answer with a status from 200 to 299."
    SWITCHED_OFF = "switched-off", "The webhook was switched off."
    WORKER_LOST = "worker-lost", "The workers that sent it were lost, again and again."
