"""Errors of the domain. The surfaces turn them into an answer; none carries memory text."""


class DomainError(Exception):
    """Something the caller can understand and mend. `field` names the input at fault."""

    status = 400

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.field = field


class Invalid(DomainError):
    """The input is wrong."""


class Forbidden(DomainError):
    """The actor may not do this."""

    status = 403


class NotFound(DomainError):
    """Not there, or another tenant's: the two are indistinguishable."""

    status = 404


class Conflict(DomainError):
    """The state of the row forbids this now."""

    status = 409


class TooLarge(DomainError):
    """The input exceeds a limit of the settings."""

    status = 413


class TooMany(DomainError):
    """More requests than a limit allows; after so many seconds there may be one again."""

    status = 429

    def __init__(self, detail: str, *, seconds: int) -> None:
        super().__init__(detail)
        self.seconds = seconds


class Unavailable(DomainError):
    """An outside service that is needed did not answer."""

    status = 503
