"""What is marked before a copy is written does not stand in it, wherever it was kept."""

import io
import json
import zipfile

import pytest
from django.utils import timezone

from apps.audit.models import AuditEvent
from apps.common.errors import Conflict, Invalid
from apps.isolation.scope import tenant_scope
from apps.memories.domain.memories import add_memories
from apps.memories.domain.values import NewMemories, NewMessage
from apps.memories.enums import EntityKind
from apps.privacy.domain import handling
from apps.privacy.domain.copies import open_copy
from apps.privacy.domain.redacting import redact_copy
from apps.privacy.enums import IdentityCheck
from tests.support.kernel import SYSTEM, add
from tests.unit.privacy.subjects import OPERATOR, ask, run


@pytest.fixture
def held(tenant):
    new = NewMemories(
        messages=[NewMessage("Ada is a friend of Grace Hopper.")],
        entity_ids={EntityKind.USER: "ada"},
        created_at=timezone.now(),
        metadata={"friends": ["GRACE HOPPER"], "note": "met Grace"},
    )
    [first] = add_memories(tenant_id=tenant.id, new=new, by=SYSTEM).added
    return [first.memory_id, *add(tenant, "Ada knows a secret of Bob.", user="ada")]


def mark(tenant, request, passages=(), records=()):
    ids = {"tenant_id": tenant.id, "request_id": request.id}
    return redact_copy(**ids, passages=passages, records=records, by=OPERATOR)


def write(tenant, request):
    ids = {"tenant_id": tenant.id, "request_id": request.id, "by": OPERATOR}
    handling.verify_request(**ids, check=IdentityCheck.DOCUMENT)
    handling.start_request(**ids)
    assert run(tenant, request).state == "done"
    file, _ = open_copy(tenant_id=tenant.id, request_id=request.id, by=OPERATOR)
    return zipfile.ZipFile(io.BytesIO(file.read()))


def texts(copy):
    return "".join(copy.read(name).decode() for name in copy.namelist())


def test_copy_without_marks_holds_everything(tenant, held):
    said = texts(write(tenant, ask(tenant, "access")))

    assert "Grace Hopper" in said
    assert "secret of Bob" in said
    assert "[redacted]" not in said


@pytest.mark.parametrize("kind", ["access", "portability"])
def test_passage_goes_everywhere_in_whatever_case(tenant, held, kind):
    request = ask(tenant, kind)
    mark(tenant, request, ["grace hopper", "  ", "met Grace"])

    said = texts(write(tenant, request))

    assert "grace" not in said.lower()
    assert "Ada is a friend of [redacted]." in said
    assert "secret of Bob" in said


def test_record_goes_with_its_versions(tenant, held):
    request = ask(tenant, "access")
    mark(tenant, request, records=[held[1]])

    copy = write(tenant, request)

    said = json.loads(copy.read("copy.json"))
    assert "secret" not in texts(copy)
    assert said["redacted"] == {"passages": 0, "records": 1}
    kept = {row["id"]: row["text"] for row in said["tables"]["memories.Memory"]}
    assert kept == {str(held[0]): "Ada is a friend of Grace Hopper.", str(held[1]): "[redacted]"}
    versions = {row["memory"]: row["text"] for row in said["tables"]["memories.Version"]}
    assert versions == kept


def test_marks_are_recorded_by_their_count(tenant, held):
    request = ask(tenant, "access")

    mark(tenant, request, ["Grace", "Grace", "Bob"], [held[1]])

    with tenant_scope(tenant.id):
        event = AuditEvent.objects.get(action="request.redact")
    assert event.facts == {"passages": 2, "records": 1}


def test_marks_come_before_the_copy(tenant, held):
    request = ask(tenant, "access")
    write(tenant, request)

    with pytest.raises(Conflict, match="before the copy"):
        mark(tenant, request, ["Grace"])
    with pytest.raises(Conflict):
        mark(tenant, ask(tenant, "restriction"), ["Grace"])


def test_too_much_is_refused(tenant, held):
    with pytest.raises(Invalid):
        mark(tenant, ask(tenant, "access"), ["x" * 1_001])
