"""/dashboard/hygiene/"""

import pytest

from apps.memories.domain.hygiene import read_stored
from apps.memories.enums import Sensitive, Treatment
from apps.memories.hygiene.policy import DEFAULTS, Policy
from apps.tenants.enums import Role
from tests.support.kernel import dump_rows

PAGE = "/dashboard/hygiene/"
CHOICES = {kind.value: one.value for kind, one in DEFAULTS.items()}


def test_choices_are_saved_and_shown(browser, tenant):
    given = CHOICES | {"email": "refuse", "countries": "de, FR de"}

    answer = browser.post(PAGE, given, follow=True)

    expected = Policy(DEFAULTS | {Sensitive.EMAIL: Treatment.REFUSE}, ("DE", "FR"))
    assert read_stored(tenant.id) == expected
    assert b"in force everywhere within five seconds" in answer.content
    assert answer.context["form"]["email"].value() == "refuse"
    assert answer.context["form"]["countries"].value() == "DE FR"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"email": "redact"}, "Mail [e-mail address removed], password=[secret removed]"),
        ({"email": "refuse"}, "The text holds something that this tenant does not store: e-mail"),
    ],
)
def test_text_is_tried_and_nothing_is_stored(browser, tenant, changes, words):
    text = "Mail ada@example.org, password=zanzibar77"
    before = dump_rows(tenant.id)

    answer = browser.post(PAGE, CHOICES | changes | {"text": text, "try": "1"})

    assert words in answer.content.decode()
    after = dump_rows(tenant.id)
    changed = {label for label in after if after[label] != before[label]}
    assert changed <= {"sessions.Session", "accounts.Operator"}
    assert read_stored(tenant.id) == Policy()


def test_wrong_country_is_said_at_its_field(browser, tenant):
    answer = browser.post(PAGE, CHOICES | {"countries": "Germany"})

    assert list(answer.context["form"].errors) == ["countries"]
    assert read_stored(tenant.id) == Policy()


@pytest.mark.parametrize(("role", "status"), [(Role.PRIVACY_OFFICER, 200), (Role.EDITOR, 403)])
def test_overseers_may_choose(make_operator, sign_in, role, status):
    assert sign_in(make_operator(role=role)).get(PAGE).status_code == status
