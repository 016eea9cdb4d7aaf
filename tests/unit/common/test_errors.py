import pytest

from apps.common import errors


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (errors.DomainError, 400),
        (errors.Invalid, 400),
        (errors.Forbidden, 403),
        (errors.NotFound, 404),
        (errors.Conflict, 409),
        (errors.TooLarge, 413),
        (errors.Unavailable, 503),
    ],
)
def test_error_has_its_status_detail_and_field(kind, status):
    error = kind("What is wrong.", field="name")

    assert isinstance(error, errors.DomainError)
    assert (error.status, error.detail, error.field, str(error)) == (
        status,
        "What is wrong.",
        "name",
        "What is wrong.",
    )


def test_error_needs_no_field():
    assert errors.NotFound("Gone.").field is None
