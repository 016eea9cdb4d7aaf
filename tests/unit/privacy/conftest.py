import pytest

from apps.common import sending


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """What would be sent to workers: tests are the workers."""
    sent = []
    monkeypatch.setattr(
        sending.current_app, "send_task", lambda name, kwargs, **_: sent.append((name, kwargs))
    )
    return sent
