"""What applications use is counted by its name alone."""

from collections import Counter

import pytest
from django.utils import timezone

from apps.telemetry.uses import uses
from tests.architecture.test_urls import API

UNCOUNTED = {
    *("Ping", "Mcp", "EntityMake", "Stats", "FeedbackGive", "Exports", "ExportRead"),
    *("Profile", "ProfileJobs", "ProfileJob", "ProfileSettings"),
    *("Organisations", "Organisation", "Members", "Projects", "ProjectDetail"),
    *("Webhooks", "WebhookDetail", "OwnTenant", "KeyList", "KeyDetail"),
    *("AuditEvents", "AuditCheckpoints", "AuditState", "Telemetry"),
    *("RequestList", "RequestDetail", "RequestDownload", "RequestCertificate"),
}  # MCP counts by the tool, and the others are settings or not offered


@pytest.fixture
def counting():
    uses._since = timezone.now()


def counts():
    return dict(uses._counts)


def test_each_call_is_counted_once(counting, api):
    [first, second] = api.add("I drink tea.", "I sail.")
    api.search("tea")
    api.page({"user_id": "ada"})
    api.get(f"/v1/memories/{first}/")
    api.put(f"/v1/memories/{first}/", {"text": "I drink coffee."})
    api.get(f"/v1/memories/{first}/history/")
    api.delete(f"/v1/memories/{first}/")
    api.delete("/v1/memories/?user_id=ada")
    api.get("/v1/entities/")
    api.get("/v1/events/")
    api.post("/v1/summary/", {"filters": {"user_id": "ada"}})
    api.get("/v1/ping/")

    names = (
        "add", "search", "list", "read", "update", "history", "delete", "delete_many", "entities",
        "events", "summary",
    )  # fmt: skip
    assert counts() == Counter(("feature_use", name) for name in names)


def test_calls_without_a_key_are_not_counted(counting, as_key):
    as_key("mhk_nothing").get("/v1/entities/")

    assert counts() == {}


def test_error_is_counted_by_its_class(counting, api, monkeypatch):
    def fail(*args, **kwargs):
        raise LookupError("zanzibar")

    monkeypatch.setattr("apps.api.recall.search_memories", fail)

    assert api.search("tea").status_code == 500

    assert counts() == {("feature_use", "search"): 1, ("error", "api LookupError"): 1}


@pytest.mark.parametrize(("route", "view"), API, ids=str)
def test_view_names_a_feature_for_each_of_its_methods(route, view):
    expected = set() if view.__name__ in UNCOUNTED else view.scopes.keys()

    assert view.features.keys() == expected
