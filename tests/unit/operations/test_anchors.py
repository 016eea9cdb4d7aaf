"""Checkpoints copied outside the database: to a file, to a webhook, each until it is done."""

import json
import stat

import pytest
from pytest_httpserver import HTTPServer

from apps.audit.canonical import hash_checkpoint
from apps.audit.models import AuditAnchor, AuditCheckpoint, AuditDue
from apps.common.errors import Invalid
from apps.isolation.scope import tenant_scope
from apps.operations.domain import anchors
from apps.operations.domain.anchors import anchor_checkpoints, load_anchors
from apps.telemetry.models import OutboundHost
from apps.telemetry.outbound import ledger
from tests.support.trails import Trail


@pytest.fixture
def file(settings, tmp_path):
    settings.AUDIT_ANCHORS, settings.AUDIT_ANCHOR_FILE = True, str(tmp_path / "anchors.jsonl")
    return tmp_path / "anchors.jsonl"


@pytest.fixture
def webhook(settings):
    with HTTPServer(host="127.0.0.1") as server:
        settings.AUDIT_ANCHORS, settings.AUDIT_ANCHOR_URL = True, server.url_for("/hook?token=t")
        yield server


def read(path):
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def read_last(tenant):
    with tenant_scope(tenant.id):
        return AuditCheckpoint.objects.order_by("-number").first()


def list_anchored(tenant):
    with tenant_scope(tenant.id):
        return list(AuditAnchor.objects.order_by("place").values_list("place", "number"))


def count_waiting():
    return AuditDue.objects.filter(work="anchor").count()


def test_newest_checkpoint_of_each_tenant_is_appended(file, tenant, other_tenant):
    Trail.of(tenant).fill()
    Trail.of(other_tenant).seal()

    assert anchor_checkpoints() == 2

    lines = {line["checkpoint"]["tenant_id"]: line for line in read(file)}
    for each, number in ((tenant, 3), (other_tenant, 1)):
        line, last = lines[str(each.id)], read_last(each)
        assert line["checkpoint"]["number"] == number == last.number
        assert line["hash"] == hash_checkpoint(last).hex()
        assert line["signature"] == bytes(last.signature).hex()
        assert list_anchored(each) == [("file", number)]
    assert count_waiting() == 0
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_only_what_is_new_is_appended(file, tenant):
    trail = Trail.of(tenant).fill()
    anchor_checkpoints()
    assert anchor_checkpoints() == 0
    trail.write()
    trail.seal()

    assert anchor_checkpoints() == 1

    assert [line["checkpoint"]["number"] for line in read(file)] == [3, 4]
    assert load_anchors() == {
        tenant.id: {line["checkpoint"]["number"]: line["hash"] for line in read(file)}
    }


def test_webhook_gets_the_same_lines(file, webhook, tenant):
    Trail.of(tenant).fill()
    webhook.expect_request("/hook", method="POST", query_string="token=t").respond_with_data("ok")

    anchor_checkpoints()

    [(request, _)] = webhook.log
    assert request.get_data() == file.read_bytes()
    assert request.content_type == "application/x-ndjson"
    assert list_anchored(tenant) == [("file", 3), ("webhook", 3)]


def test_webhook_is_listed_as_an_outbound_host(webhook, tenant):
    Trail.of(tenant).fill()
    webhook.expect_request("/hook").respond_with_data("no", 500)

    anchor_checkpoints()
    ledger.settle()

    [(request, _)] = webhook.log
    listed = OutboundHost.objects.values_list("host", "purpose", "tenant_id", "bytes_out")
    sent = len(request.get_data())
    assert list(listed) == [(f"{webhook.host}:{webhook.port}", "anchors", None, sent)]


@pytest.mark.parametrize("status", [302, 307, 404, 500])
def test_webhook_that_does_not_take_it_gets_it_again(webhook, tenant, status):
    """A redirect is not followed."""
    Trail.of(tenant).fill()
    elsewhere = webhook.url_for("/elsewhere")
    webhook.expect_request("/hook").respond_with_data("no", status, {"Location": elsewhere})

    anchor_checkpoints()
    anchor_checkpoints()

    assert [request.path for request, _ in webhook.log] == ["/hook", "/hook"]
    assert count_waiting() == 3
    assert list_anchored(tenant) == []


def test_webhook_that_is_not_there_keeps_nothing_from_the_file(file, settings, tenant):
    settings.AUDIT_ANCHOR_URL = "http://127.0.0.1:1/hook"
    Trail.of(tenant).fill()

    anchor_checkpoints()

    assert list_anchored(tenant) == [("file", 3)]
    assert count_waiting() == 3


def test_many_checkpoints_go_in_several_requests(webhook, tenant, other_tenant, monkeypatch):
    monkeypatch.setattr(anchors, "POSTED", 1)
    for each in (tenant, other_tenant):
        Trail.of(each).seal()
    webhook.expect_request("/hook").respond_with_data("ok", 204)

    anchor_checkpoints()

    assert [request.get_data().count(b"\n") for request, _ in webhook.log] == [1, 1]


def test_proxies_of_the_environment_are_not_asked(webhook, tenant, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    Trail.of(tenant).fill()
    webhook.expect_request("/hook").respond_with_data("ok")

    anchor_checkpoints()

    assert list_anchored(tenant) == [("webhook", 3)]


def test_nothing_is_open_while_the_webhook_is_called(webhook, tenant, monkeypatch):
    from apps.isolation.scope import has_scope

    scopes = []
    Trail.of(tenant).fill()
    monkeypatch.setattr(anchors, "_post", lambda url, body: scopes.append(has_scope()))

    anchor_checkpoints()

    assert scopes == [False]


def test_without_a_place_nothing_waits(tenant, settings, file):
    trail = Trail.of(tenant).fill()
    settings.AUDIT_ANCHORS, settings.AUDIT_ANCHOR_FILE = False, ""

    assert anchor_checkpoints() == 0

    assert count_waiting() == 0
    trail.write()
    trail.seal()
    assert count_waiting() == 0
    assert load_anchors() == {}


def test_first_anchor_of_a_number_counts(file, tenant):
    """Who cuts the end off and lets it be written anew can't outweigh what was anchored before."""
    checkpoint = {"tenant_id": str(tenant.id), "number": 3}
    lines = [{"checkpoint": checkpoint, "hash": hash_ * 32} for hash_ in ("00", "11")]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))

    assert load_anchors() == {tenant.id: {3: "00" * 32}}


@pytest.mark.parametrize("line", ["", "{}", "x", '{"checkpoint": {}}', '{"checkpoint": 1}'])
def test_line_that_is_no_checkpoint_is_refused(file, line):
    file.write_text(line + "\n")

    with pytest.raises(Invalid, match="Line 1 of the anchors is no checkpoint"):
        load_anchors()
