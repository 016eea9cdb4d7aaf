"""Terms of a tenant and expiration dates: what they remove, what stays, and what a look costs."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone
from time_machine import travel

from apps.common.errors import Invalid
from apps.isolation.scope import tenant_scope
from apps.memories.domain.flags import set_flag
from apps.memories.enums import EntityFlag, EntityKind
from apps.memories.models import Entity, Erasure, Memory
from apps.memories.queries.entities import find_entities
from apps.privacy.domain import retention
from apps.privacy.domain.particulars import Said, read_handling
from apps.privacy.domain.retention import (
    Expired,
    Term,
    change_terms,
    find_expired,
    read_terms,
    run_retention,
    sweep_retention,
)
from apps.privacy.enums import Since, Work
from apps.privacy.models import PrivacyDue, Request
from apps.tenants.models import Tenant
from tests.support.kernel import SYSTEM, add
from tests.unit.privacy.subjects import OPERATOR, handle, run

USER, AGENT = EntityKind.USER, EntityKind.AGENT
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def tenant(committed_tenant):
    return committed_tenant


@pytest.fixture(autouse=True)
def clock():
    with travel(NOW, tick=True):
        yield


def age(tenant, name, *, used, made, kind="user"):
    """As if its last and its first memory had been written so many days ago."""
    now = timezone.now()
    with tenant_scope(tenant.id):
        [entity] = find_entities([(kind, name)]).values()
        Entity.objects.filter(id=entity.id).update(
            last_used_at=now - timedelta(days=used), created_at=now - timedelta(days=made)
        )
    return entity.id


def set_terms(tenant, **terms):
    with tenant_scope(tenant.id):
        made = {EntityKind(kind): Term(days, Since(since)) for kind, (days, since) in terms.items()}
        change_terms(terms=made, by=OPERATOR)


def look(tenant):
    with tenant_scope(tenant.id):
        return find_expired(read_terms())


def people(tenant):
    with tenant_scope(tenant.id):
        return sorted(row.external_id for row in Entity.objects.all())


def texts(tenant):
    with tenant_scope(tenant.id):
        return sorted(row.text for row in Memory.objects.live())


def keep_going():
    return True


def test_terms_are_kept_beside_the_particulars(tenant):
    set_terms(tenant, user=(90, "use"))
    handle(tenant, said=Said(controller="Clinic"))
    set_terms(tenant, user=(30, "creation"), agent=(5, "use"))

    with tenant_scope(tenant.id):
        assert read_terms() == {USER: Term(30, Since.CREATION), AGENT: Term(5, Since.USE)}
        assert read_handling().said.controller == "Clinic"
    with pytest.raises(Invalid):
        set_terms(tenant, user=(0, "use"))


def test_expired_memories_are_destroyed_the_day_after(tenant, monkeypatch):
    monkeypatch.setattr(retention, "CHUNK", 1)
    for day in (30, 31):
        add(tenant, f"Until May {day}", expires_on=date(2026, 5, day))
    add(tenant, "Until today", expires_on=date(2026, 6, 1))
    add(tenant, "For good")
    assert look(tenant) == Expired(2, {}, 0)
    assert len(texts(tenant)) == 4

    assert run_retention(tenant_id=tenant.id, by=SYSTEM) == (2, 0)

    assert texts(tenant) == ["For good", "Until today"]
    assert run_retention(tenant_id=tenant.id, by=SYSTEM) == (0, 0)
    with tenant_scope(tenant.id):
        assert sum(len(row.digests) for row in Erasure.objects.all()) == 2


@pytest.mark.parametrize(
    ("since", "gone"), [("use", ["old"]), ("creation", ["made long ago", "old"])]
)
def test_entities_past_their_term_are_erased(tenant, since, gone):
    ages = {"old": (40, 40), "made long ago": (2, 40), "young": (2, 2), "held": (40, 40)}
    for name, (used, made) in ages.items():
        add(tenant, f"Something of {name}", user=name)
        age(tenant, name, used=used, made=made)
    add(tenant, "Of the bot", agent="bot")
    age(tenant, "bot", used=400, made=400, kind="agent")
    with tenant_scope(tenant.id):
        [held] = find_entities([("user", "held")]).values()
        set_flag(entity_id=held.id, flag=EntityFlag.HELD, by=SYSTEM)
    set_terms(tenant, user=(30, since))
    assert look(tenant) == Expired(0, {USER: len(gone)}, 1)

    assert run_retention(tenant_id=tenant.id, by=SYSTEM) == (0, len(gone))
    assert look(tenant) == Expired(0, {USER: 0}, 1)  # asked for already
    assert run_retention(tenant_id=tenant.id, by=SYSTEM) == (0, 0)
    with tenant_scope(tenant.id):
        requests = list(Request.objects.all())
    assert {(request.kind, request.via) for request in requests} == {("erasure", "schedule")}
    for request in requests:
        assert run(tenant, request).state == "done"

    assert people(tenant) == sorted({*ages, "bot"} - set(gone))


def test_restricted_memories_are_kept(tenant):
    add(tenant, "Restricted", expires_on=date(2026, 5, 1), user="ada")
    add(tenant, "Free", expires_on=date(2026, 5, 1), user="bob")
    with tenant_scope(tenant.id):
        [ada] = find_entities([("user", "ada")]).values()
        set_flag(entity_id=ada.id, flag=EntityFlag.RESTRICTED, by=SYSTEM)

    assert look(tenant) == Expired(1, {}, 1)
    run_retention(tenant_id=tenant.id, by=SYSTEM)

    assert texts(tenant) == ["Restricted"]


def test_each_tenant_is_visited_once_a_day(tenant):
    add(tenant, "Past", expires_on=date(2026, 5, 1))
    visits = PrivacyDue.objects.filter(work=Work.RETAIN, tenant_id=tenant.id)
    everybody = Tenant.objects.listed().count()

    assert sweep_retention(goes_on=lambda: False, by=SYSTEM) == 0
    assert len(texts(tenant)) == 1
    assert sweep_retention(goes_on=keep_going, by=SYSTEM) == everybody
    assert texts(tenant) == []
    assert sweep_retention(goes_on=keep_going, by=SYSTEM) == 0
    with travel(NOW + timedelta(days=1, minutes=1)):
        assert sweep_retention(goes_on=keep_going, by=SYSTEM) == everybody
    assert visits.count() == 1
