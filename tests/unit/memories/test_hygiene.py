"""What is found in a text, and what becomes of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.common.errors import Invalid
from apps.memories.enums import Sensitive, Treatment
from apps.memories.hygiene.cleaning import Cleaner
from apps.memories.hygiene.national_ids import FORMS
from apps.memories.hygiene.policy import DEFAULTS, Policy, read_policy, write_policy

REDACTS_ALL = Policy(dict.fromkeys(Sensitive, Treatment.REDACT), ("DE", "US", "NL"))
STORES_ALL = Policy(dict.fromkeys(Sensitive, Treatment.STORE))
SECRET = "[secret removed]"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.dBjftJeZ4CVP-mB92K27uhbUJU1p1r"
PEM = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA\nx5+/==\n-----END RSA PRIVATE KEY-----"


def clean(text, policy=None, **fields):
    cleaner = Cleaner(policy or Policy(), **fields)
    return cleaner.clean(text, field="text"), dict(cleaner.redacted)


@pytest.mark.parametrize(
    "key",
    [
        "sk-proj-Ab12_cd34-Ef56gh78Ij90",
        "sk-ant-api03-Ab12cd34Ef56gh78",
        "sk_live_Ab12cd34Ef56",
        "ghp_Ab12cd34Ef56gh78Ij90Kl12mn34Op56qr78",
        "github_pat_11ABCDEFG0_abcdefghijklmnop",
        "glpat-Ab12cd34Ef56gh78Ij90",
        "AKIAIOSFODNN7EXAMPLE",
        "AIza" + "Sy1" * 11 + "ab",
        "xoxb-1234567890-abcdef",
        "mhk_Ab12cd34Ef56_" + "Ab12cd34E" * 5 + "abcd",
        "m0-Ab12cd34Ef56gh78Ij90",
        "hf_Ab12cd34Ef56gh78Ij90kl",
        "npm_" + "Ab12cd34E" * 4,
        "pypi-" + "Ab12cd34E" * 5,
        "SG.Ab12cd34Ef56gh78.Ab12cd34Ef56gh78",
        "dop_v1_" + "0f" * 32,
    ],
)
@pytest.mark.parametrize("form", ["{}", "It is {}, I think", "key={}", "(`{}`)"])
def test_api_key_is_redacted(key, form):
    assert clean(form.format(key)) == (form.format(SECRET), {"api_key": 1})


@pytest.mark.parametrize(
    ("text", "cleaned", "kind"),
    [
        (f"It says {JWT} there", f"It says {SECRET} there", "token"),
        ("Authorization: Bearer abcdefghij1234567890", f"Authorization: Bearer {SECRET}", "token"),
        (f"Here: {PEM} and more", f"Here: {SECRET} and more", "private_key"),
        ("password=hunter22", f"password={SECRET}", "password"),
        ("My Password: hunter22!", f"My Password: {SECRET}", "password"),
        ("DB_PASSWORD='a b c d'", f"DB_PASSWORD='{SECRET}'", "password"),
        ('{"api_key": "abcd"}', f'{{"api_key": "{SECRET}"}}', "password"),
        ("token=abcd1234", f"token={SECRET}", "password"),
        ("postgres://ada:pw123@db/x", f"postgres://ada:{SECRET}@db/x", "password"),
        ("card 4111 1111 1111 1111.", "card [payment card removed].", "card"),
        ("3782-822463-10005", "[payment card removed]", "card"),
        ("1 5555555555554444 2", "1 [payment card removed] 2", "card"),
    ],
)
def test_other_secret_is_redacted_and_its_label_stays(text, cleaned, kind):
    assert clean(text) == (cleaned, {kind: 1})


@pytest.mark.parametrize(
    "text",
    [
        "I told my sister that we'd meet at 17:30 on platform 4.",
        "She works at sk-design and likes m0-dular furniture.",
        "The card 4111 1111 1111 1112 has a wrong check digit.",
        "It was 1732200000000 in milliseconds, order 1234567890128.",
        "Bearer of internationalisations, my password is a secret: tea.",
        "The token of affection = flowers",
        "https://example.org:8080/a@b",
        "",
    ],
)
def test_ordinary_text_stays_as_it_is(text):
    assert clean(text) == (text, {})


@pytest.mark.parametrize(
    ("text", "cleaned", "kind"),
    [
        ("Mail ada@example.org.", "Mail [e-mail address removed].", "email"),
        ("Call +49 30 901820 soon", "Call [telephone number removed] soon", "phone"),
        ("Call (030) 901820 soon", "Call [telephone number removed] soon", "phone"),
        ("To DE89 3704 0044 0532 0130 00 NOW", "To [IBAN removed] NOW", "iban"),
        ("From 192.168.1.10.", "From [IP address removed].", "ip"),
        ("From 2001:db8::1 at 12:30:45", "From [IP address removed] at 12:30:45", "ip"),
        ("His SSN is 536-90-4399", "His SSN is [national id removed]", "national_id"),
        ("BSN 111222333", "BSN [national id removed]", "national_id"),
    ],
)
def test_personal_data_follows_the_policy(text, cleaned, kind):
    refuses = Policy({**DEFAULTS, Sensitive(kind): Treatment.REFUSE}, REDACTS_ALL.countries)

    assert clean(text) == (text, {})
    assert clean(text, REDACTS_ALL) == (cleaned, {kind: 1})
    assert clean(text, refuses, refuses=False) == (cleaned, {kind: 1})
    with pytest.raises(Invalid) as error:
        clean(text, refuses)
    assert error.value.field == "text"
    label = Sensitive(kind).label
    assert error.value.detail == (f"text holds something that this tenant does not store: {label}.")


def test_nothing_is_changed_where_everything_is_stored():
    text = f"{JWT} {PEM} password=hunter22 ada@example.org 4111111111111111"

    assert clean(text, STORES_ALL) == (text, {})


def test_values_are_cleaned_wherever_they_stand():
    cleaner = Cleaner(REDACTS_ALL)
    values = {"a": ["x", {"b": "ada@example.org"}], "db_password": "tea", "n": 1, "none": None}

    cleaned = cleaner.clean_values(values, field="metadata")

    assert cleaned == {
        "a": ["x", {"b": "[e-mail address removed]"}],
        "db_password": SECRET,
        "n": 1,
        "none": None,
    }
    assert cleaner.clean_values(cleaned, field="metadata") == cleaned
    assert cleaner.redacted == {"email": 1, "password": 1}


PIECES = st.sampled_from(
    [
        *(JWT, PEM, "password=hunter22", 'secret="a b c"', "4111 1111 1111 1111"),
        *("token='abcd'", "api_key: ", "http://a:bcd@e", "Bearer a1b2c3d4e5f6g7h8i9", SECRET),
        *(" ", "\n", "x", ":", "=", "[", "'"),
    ]
)


@given(st.lists(PIECES | st.text(max_size=5), max_size=8).map(" ".join))
def test_what_was_cleaned_is_clean(text):
    cleaned, _ = clean(text)

    assert clean(cleaned) == (cleaned, {})


@pytest.mark.parametrize("country", FORMS)
def test_each_country_can_be_asked_for(country):
    text = "Nothing of 12 and 345 is a national id here."

    policy = Policy(dict.fromkeys(Sensitive, Treatment.REDACT), (country,))

    assert clean(text, policy) == (text, {})


def test_policy_is_read_as_it_was_written():
    for policy in (Policy(), REDACTS_ALL, STORES_ALL):
        assert read_policy(write_policy(policy)) == policy
    assert write_policy(Policy()) == {}
