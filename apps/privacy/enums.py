from django.db import models


class RequestKind(models.TextChoices):
    """What a person may ask for."""

    ACCESS = "access"
    PORTABILITY = "portability"
    ERASURE = "erasure"
    RECTIFICATION = "rectification"
    RESTRICTION = "restriction"
    OBJECTION = "objection"


ARTICLES = {
    RequestKind.ACCESS: 15,
    RequestKind.PORTABILITY: 20,
    RequestKind.ERASURE: 17,
    RequestKind.RECTIFICATION: 16,
    RequestKind.RESTRICTION: 18,
    RequestKind.OBJECTION: 21,
}
"""Of the GDPR."""


class RequestState(models.TextChoices):
    RECEIVED = "received"
    VERIFIED = "verified"
    APPROVED = "approved"
    RUNNING = "running"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"
    BLOCKED_BY_HOLD = "blocked_by_hold"


OPEN = (
    RequestState.RECEIVED,
    RequestState.VERIFIED,
    RequestState.APPROVED,
    RequestState.RUNNING,
    RequestState.FAILED,
    RequestState.BLOCKED_BY_HOLD,
)


class Via(models.TextChoices):
    """How a request came."""

    OPERATOR = "operator"
    API = "api"
    COMMAND = "command"
    SCHEDULE = "schedule"  # a term of the tenant's has passed


class IdentityCheck(models.TextChoices):
    """How it was made sure that the person is who they say."""

    APPLICATION = "application", "signed in to the application that passed the request on"
    DOCUMENT = "document", "showed a document"
    KNOWN_CHANNEL = "known_channel", "wrote from an address that was known"
    IN_PERSON = "in_person", "came in person"


class RefusalReason(models.TextChoices):
    NOT_IDENTIFIED = "not_identified", "the person could not be identified (Art. 11, 12(2))"
    UNFOUNDED = "unfounded", "manifestly unfounded or excessive (Art. 12(5))"
    OBLIGATION = "obligation", "a legal obligation to keep the data (Art. 17(3)(b))"
    CLAIMS = "claims", "legal claims (Art. 17(3)(e), 18(2), 21(1))"
    RIGHTS_OF_OTHERS = "rights_of_others", "rights of others (Art. 15(4), 20(4))"
    NOT_APPLICABLE = "not_applicable", "the right does not apply"


class Profile(models.TextChoices):
    """Which copy a person gets."""

    ACCESS = "access"
    PORTABILITY = "portability"


class Step(models.TextChoices):
    """A part of the work on a request, in the order of the work."""

    CLOSE = "close", "Stop new writes"
    DELETE = "delete", "Delete memories and all that hangs on them"
    VACUUM = "vacuum", "Vacuum the tables"
    DESTROY = "destroy", "Destroy the key"
    REDACT = "redact", "Redact personal details in audit events"
    SEARCH = "search", "Search for what is left"
    SIGN = "sign", "Sign the certificate"
    WRITE = "write", "Write the copy"
    PACK = "pack", "Pack and encrypt the copy"
    CORRECT = "correct", "Replace what is wrong"
    FLAG = "flag", "Set or lift the mark"


class PurgeState(models.TextChoices):
    """How far the deletion of chosen memories is."""

    CHOSEN = "chosen"  # not confirmed yet
    RUNNING = "running"
    DONE = "done"
    BLOCKED = "blocked"  # a hold or a restriction came


class ListState(models.TextChoices):
    """How far an export of a list is."""

    CHOSEN = "chosen"  # not confirmed yet
    RUNNING = "running"
    DONE = "done"


class Work(models.TextChoices):
    """What an item of the due-list waits for."""

    RUN = "run"  # a request that runs, or whose worker died
    PURGE = "purge"  # chosen memories that are being deleted
    EXPORT = "export"  # a list of memories that is being written
    CHECK = "check"  # an export of a list, which must not outlive its memories
    SCRUB = "scrub"  # an erasure whose bytes are not overwritten yet
    EXPIRE = "expire"  # a copy whose time is over
    RETAIN = "retain"  # a tenant, in which something may be kept no longer
    LEAVE = "leave"  # a tenant that is being erased as a whole


class TenantStep(models.TextChoices):
    """A part of erasing a whole tenant, in the order of the work."""

    KEYS = "keys", "Destroy the keys"
    ROWS = "rows", "Delete all rows and files"
    TRAIL = "trail", "Remove personal details from the audit trail"
    VACUUM = "vacuum", "Vacuum the tables"
    SEARCH = "search", "Search for what is left"
    SIGN = "sign", "Sign the certificate"


class Since(models.TextChoices):
    """From when on the days of a term are counted."""

    USE = "use", "last memory written"
    CREATION = "creation", "first memory written"
