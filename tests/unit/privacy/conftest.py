import pytest

from apps.privacy.domain import due_list


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """What would be sent to workers: tests are the workers."""
    sent = []
    monkeypatch.setattr(
        due_list.current_app, "send_task", lambda name, kwargs, **_: sent.append((name, kwargs))
    )
    return sent
