"""Mail and single sign-on: half of a configuration ends the start with a sentence."""

import subprocess
import sys

import pytest

from memoryhub.embedded.layout import PROJECT


def start(tmp_path, **variables):
    code = "from django.conf import settings; print(settings.HAS_MAIL, settings.HAS_SINGLE_SIGN_ON)"
    environ = {"DJANGO_SETTINGS_MODULE": "memoryhub.settings", "MEMORYHUB_DATA_DIR": str(tmp_path)}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=PROJECT,
        env=environ | variables,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize(
    ("variables", "printed"),
    [
        ({}, "False False"),
        ({"SMTP_HOST": "mail.example", "MAIL_FROM": "hub@example.org"}, "True False"),
        ({"OIDC_ISSUER_URL": "https://id.example/", "OIDC_CLIENT_ID": "hub"}, "False True"),
    ],
)
def test_each_is_off_until_it_is_named(tmp_path, variables, printed):
    assert start(tmp_path, **variables).stdout.strip() == printed


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"SMTP_HOST": "mail.example"}, "SMTP_HOST is set: set MAIL_FROM"),
        ({"OIDC_ISSUER_URL": "https://id.example"}, "OIDC_ISSUER_URL is set: set OIDC_CLIENT_ID"),
        ({"OIDC_ISSUER_URL": "http://id.example"}, "OIDC_ISSUER_URL must be an https address"),
        ({"SMTP_SECURITY": "ssl3"}, "SMTP_SECURITY must be one of starttls, tls, none."),
    ],
)
def test_half_of_it_is_told(tmp_path, variables, sentence):
    ended = start(tmp_path, **variables)

    assert (ended.returncode, sentence in ended.stderr) == (1, True)
