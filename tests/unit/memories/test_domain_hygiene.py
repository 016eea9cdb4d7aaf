"""Nothing that a tenant does not store reaches a row, whichever way it comes in."""

from uuid import UUID

import pytest
from django.apps import apps

from apps.audit.actions import Action
from apps.audit.models import AuditEvent
from apps.common.actor import SYSTEM
from apps.common.errors import Invalid
from apps.isolation.models import TenantOwned
from apps.isolation.scope import tenant_scope
from apps.memories.domain.batches import Change, update_memories
from apps.memories.domain.entities import describe_entity
from apps.memories.domain.feedback import give_feedback
from apps.memories.domain.hygiene import configure_hygiene
from apps.memories.domain.importing import (
    KnownEntity,
    KnownMemory,
    KnownVersion,
    import_entity,
    import_memories,
)
from apps.memories.domain.memories import rectify_memory, update_memory
from apps.memories.enums import EntityKind, Sensitive, Treatment, VersionEvent
from apps.memories.extractors import Extraction, Statement
from apps.memories.hygiene.policy import DEFAULTS, Policy
from apps.memories.models import Memory
from apps.tenants.models import Tenant
from tests.support.jobs import Guidance, accept, extractor, infer
from tests.support.kernel import SAID_AT, add, dump_rows, find_plain

WORD = "zanzibar77"
PLANTED = f"Remember password={WORD} for me"
STORED = "Remember password=[secret removed] for me"
STORES_ALL = Policy(dict.fromkeys(Sensitive, Treatment.STORE))


def find_opened(tenant):
    """The models with a row in which the word stands once it is opened."""
    owned = [model for model in apps.get_models() if issubclass(model, TenantOwned)]
    with tenant_scope(tenant.id):
        return {
            model._meta.label
            for model in owned
            for row in model.objects.all()
            for field in model._meta.local_concrete_fields
            if WORD in str(getattr(row, field.attname))
        }


def write_add(tenant):
    add(tenant, PLANTED, ("Ada", "tea"), metadata={"note": [PLANTED], "password": WORD})


def write_job(tenant):
    accept(tenant, PLANTED, metadata={"password": WORD}, guidance=Guidance(instructions=PLANTED))


def write_update(tenant):
    [memory_id] = add(tenant, "a text")
    update_memory(
        tenant_id=tenant.id,
        memory_id=memory_id,
        text=PLANTED,
        metadata={"n": PLANTED},
        categories=[PLANTED],
        by=SYSTEM,
    )


def write_batch(tenant):
    [memory_id] = add(tenant, "a text")
    change = Change(memory_id, text=PLANTED, metadata={"n": PLANTED})
    update_memories(tenant_id=tenant.id, changes=[change], by=SYSTEM)


def write_feedback(tenant):
    [memory_id] = add(tenant, "a text")
    give_feedback(tenant_id=tenant.id, memory_id=memory_id, verdict=None, reason=PLANTED, by=SYSTEM)


def write_about(tenant):
    describe_entity(
        tenant_id=tenant.id,
        kind=EntityKind.USER,
        external_id="ada",
        about={"metadata": {"n": PLANTED}},
        by=SYSTEM,
    )


def write_rectification(tenant):
    [memory_id] = add(tenant, "a text")
    rectify_memory(
        tenant_id=tenant.id, memory_id=memory_id, text=PLANTED, request_id=memory_id, by=SYSTEM
    )


def write_import(tenant):
    entity = KnownEntity(UUID(int=1), EntityKind.USER, "ada", [PLANTED], SAID_AT, SAID_AT)
    version = KnownVersion(UUID(int=2), 1, VersionEvent.ADD, PLANTED, {"n": PLANTED}, SAID_AT)
    memory = KnownMemory(
        id=UUID(int=3),
        entity_ids={EntityKind.USER: "ada"},
        text=PLANTED,
        metadata={"n": PLANTED},
        categories=[PLANTED],
        speaker=PLANTED,
        role="user",
        is_immutable=False,
        created_at=SAID_AT,
        updated_at=SAID_AT,
        expires_on=None,
        versions=[version],
    )
    import_entity(tenant_id=tenant.id, known=entity, by=SYSTEM)
    import_memories(tenant_id=tenant.id, known=[memory], by=SYSTEM)


WRITES = [
    *(write_add, write_job, write_update, write_batch, write_feedback),
    *(write_about, write_rectification, write_import),
]


@pytest.mark.parametrize("write", WRITES, ids=lambda write: write.__name__)
def test_no_secret_reaches_the_database(tenant, other_tenant, write):
    configure_hygiene(tenant_id=other_tenant.id, policy=STORES_ALL, by=SYSTEM)
    write(other_tenant)
    write(tenant)

    assert find_opened(other_tenant) != set()  # so it would be found
    assert find_opened(tenant) == set()
    assert find_plain(dump_rows(tenant.id), WORD) == set()


def test_secret_that_a_model_writes_is_not_stored(tenant, settings, monkeypatch):
    class Says:
        def extract(self, conversation):
            return Extraction([Statement(PLANTED, messages=(0,), categories=(PLANTED,))])

    with extractor(settings):
        monkeypatch.setattr("apps.memories.domain.running.get_extractor", Says)
        infer(tenant, "Tell me.")

    with tenant_scope(tenant.id):
        assert Memory.objects.get().text == STORED
    assert find_opened(tenant) == set()


def test_counts_are_recorded_and_nothing_else(tenant):
    write_add(tenant)
    write_job(tenant)

    with tenant_scope(tenant.id):
        events = AuditEvent.objects.filter(action__in=[Action.MEMORY_ADD, Action.JOB_ACCEPT])
        facts = [event.facts for event in events.order_by("id")]

    assert facts == [
        {"added": 2, "repeated": 0, "redacted": 3},
        {"messages": 1, "redacted": 3},
    ]


def test_refusal_names_field_and_kind_and_writes_nothing(tenant):
    policy = Policy(DEFAULTS | {Sensitive.PASSWORD: Treatment.REFUSE})
    configure_hygiene(tenant_id=tenant.id, policy=policy, by=SYSTEM)
    before = dump_rows(tenant.id)

    for write, field in ((write_add, "messages"), (write_job, "messages")):
        with pytest.raises(Invalid, match="does not store: password") as error:
            write(tenant)
        assert (error.value.field, WORD in error.value.detail) == (field, False)
    after = dump_rows(tenant.id)

    assert {label for label in after if after[label] != before[label]} == set()


def test_policy_of_one_tenant_is_not_anothers(tenant, other_tenant):
    configure_hygiene(tenant_id=other_tenant.id, policy=STORES_ALL, by=SYSTEM)

    assert Tenant.objects.get(id=tenant.id).hygiene == {}
    assert [add(each, PLANTED) and texts(each) for each in (tenant, other_tenant)] == [
        [STORED],
        [PLANTED],
    ]


def texts(tenant):
    with tenant_scope(tenant.id):
        return [row.text for row in Memory.objects.all()]


def test_change_of_the_policy_is_recorded_by_kinds(tenant):
    policy = Policy(DEFAULTS | {Sensitive.EMAIL: Treatment.REFUSE}, ("DE",))

    configure_hygiene(tenant_id=tenant.id, policy=policy, by=SYSTEM)

    with tenant_scope(tenant.id):
        event = AuditEvent.objects.get(action=Action.HYGIENE_CONFIGURE)
    assert event.facts == {
        "stored": ["phone", "iban", "ip", "national_id"],
        "redacted": ["api_key", "token", "private_key", "password", "card"],
        "refused": ["email"],
    }


@pytest.mark.parametrize("country", ["de", "D", "DEU", "D1", "Ä1"])
def test_wrong_country_is_refused(tenant, country):
    with pytest.raises(Invalid) as error:
        configure_hygiene(tenant_id=tenant.id, policy=Policy(countries=(country,)), by=SYSTEM)

    assert error.value.field == "countries"
