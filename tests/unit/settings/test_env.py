"""Readers of the environment that the audit trail brought."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from memoryhub import env

DAYS = {"read": 90, "change": 365}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, DAYS),
        ("", DAYS),
        ("read=7", {"read": 7, "change": 365}),
        ("change=1, read=2", {"read": 2, "change": 1}),
    ],
)
def test_days(monkeypatch, text, expected):
    monkeypatch.delenv("TERMS", raising=False)
    if text is not None:
        monkeypatch.setenv("TERMS", text)

    assert env.read_days("TERMS", DAYS) == expected


@pytest.mark.parametrize("text", ["read", "read=", "read=0", "read=-1", "read=x", "other=1"])
def test_wrong_days_are_refused(monkeypatch, text):
    monkeypatch.setenv("TERMS", text)

    with pytest.raises(ImproperlyConfigured, match="TERMS must be made of read=DAYS, change=DAYS"):
        env.read_days("TERMS", DAYS)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "https://anchor.example/hook?token=t",
        "http://127.0.0.1:9000/hook",
        "http://localhost/",
        "http://[::1]:9000",
    ],
)
def test_hook(monkeypatch, address):
    monkeypatch.setenv("HOOK", address)

    assert env.read_hook("HOOK") == address


@pytest.mark.parametrize(
    "address",
    [
        "http://anchor.example/",
        "http://169.254.169.254/latest",
        "http://127.0.0.1.example/",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "anchor.example",
        "https://",
    ],
)
def test_hook_elsewhere_without_tls_is_refused(monkeypatch, address):
    monkeypatch.setenv("HOOK", address)

    with pytest.raises(ImproperlyConfigured, match="HOOK must be an https address, or http on"):
        env.read_hook("HOOK")


def test_hook_that_is_not_set_is_empty(monkeypatch):
    monkeypatch.delenv("HOOK", raising=False)

    assert env.read_hook("HOOK") == ""
