from datetime import UTC, datetime, timedelta

from django.contrib.sessions.models import Session

from apps.operations.tasks import clear_sessions

NOW = datetime.now(UTC)


def test_task_has_an_explicit_name():
    assert clear_sessions.name == "operations.clear_sessions"


def test_expired_sessions_are_removed_and_live_ones_stay(db):
    for key, hours in (("old", -1), ("live", 1)):
        Session.objects.create(session_key=key, expire_date=NOW + timedelta(hours=hours))

    clear_sessions.run()

    assert [session.session_key for session in Session.objects.all()] == ["live"]
