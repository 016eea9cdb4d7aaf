"""After a change of the embedding model: nothing is lost to searches, and each vector is renewed."""

from datetime import timedelta
from operator import or_

import numpy as np
import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.audit.actions import Action
from apps.audit.models import AuditEvent
from apps.common import sending
from apps.common.actor import SYSTEM
from apps.isolation.scope import tenant_scope
from apps.memories.domain import renewing
from apps.memories.domain.deletion import delete_memory
from apps.memories.domain.embedding_models import choose_model, current_model_id, recorded_model
from apps.memories.domain.memories import update_memory
from apps.memories.domain.renewing import plan_renewals, renew_some, sweep_renewals
from apps.memories.embedders import EmbedderError, substitute_embedder
from apps.memories.embedders.fixed import FixedEmbedder
from apps.memories.models import EmbeddingModel, Renewal, Vector
from tests.support.kernel import add, find, search


class Killed(BaseException):
    """As by SIGKILL: nothing catches it."""


class NewEmbedder(FixedEmbedder):
    """Four dimensions, by the first letter; counts what it is asked for, and can be stopped."""

    def __init__(self):
        super().__init__("new-model", 4)
        self.texts, self.ends, self.raises = [], None, Killed

    def embed_texts(self, texts):
        if self.ends is not None and len(self.texts) >= self.ends:
            raise self.raises
        self.texts += texts
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text):
        return np.eye(4, dtype=np.float32)[ord(text[0]) % 4]


@pytest.fixture(autouse=True)
def sent(monkeypatch):
    """What is sent to the queue, which nobody works on."""
    tasks = []
    monkeypatch.setattr(
        sending.current_app, "send_task", lambda name, kwargs, **_: tasks.append((name, kwargs))
    )
    return tasks


@pytest.fixture
def change_model():
    """As a restart with other settings does."""
    with_new = substitute_embedder(NewEmbedder())

    def change():
        with_new.__enter__()
        current_model_id.cache_clear()
        assert choose_model() is True
        from apps.memories.embedders import get_embedder

        return get_embedder()

    yield change
    with_new.__exit__(None, None, None)
    current_model_id.cache_clear()


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(renewing, "AT_ONCE", 2)


FRUIT = ("apples", "bananas", "cherries", "dates", "elderberries", "figs", "grapes")
TEXTS = [f"{word} are eaten here" for word in FRUIT]


def models_of(tenant):
    with tenant_scope(tenant.id):
        return [row.model.name for row in Vector.objects.order_by("id").select_related("model")]


def state(tenant):
    row = Renewal.objects.get(tenant_id=tenant.id)
    return row.total, row.done, row.skipped, row.ended_at is not None


def finish(tenant):
    while renew_some(tenant_id=tenant.id):
        pass


def find_each(tenant):
    """Is each found by a word that stands in it alone, with the API's threshold?"""
    return [
        text in find(tenant, f"Who eats {word}?", threshold=0.1)
        for word, text in zip(FRUIT, TEXTS, strict=True)
    ]


def test_search_finds_all_memories_before_between_and_after(tenant, change_model, few):
    add(tenant, *TEXTS)
    change_model()
    assert [hit.parts.cosine for hit in search(tenant, "figs")] == [0.0] * 7
    assert find(tenant, "zebras", threshold=0.1) == []
    assert find_each(tenant) == [True] * 7

    plan_renewals(by=SYSTEM)
    while renew_some(tenant_id=tenant.id):
        assert sorted(find(tenant, "figs")) == TEXTS
        is_new = [name == "new-model" for name in models_of(tenant)]
        assert all(map(or_, find_each(tenant), is_new))  # by words, or with a cosine

    assert models_of(tenant) == ["new-model"] * 7
    cosines = {hit.memory.text: hit.parts.cosine for hit in search(tenant, "figs")}
    assert cosines == {text: float(ord(text[0]) % 4 == ord("f") % 4) for text in TEXTS}


def test_each_memory_is_embedded_once_in_steps(tenant, change_model, few, sent):
    add(tenant, *TEXTS)
    embedder = change_model()
    plan_renewals(by=SYSTEM)

    finish(tenant)

    task = ("memories.renew_vectors", {"tenant_id": str(tenant.id)})
    assert sorted(embedder.texts) == TEXTS
    assert state(tenant) == (7, 7, 0, True)
    assert sent == [task] * 5


def test_worker_that_is_killed_leaves_what_is_done_and_another_goes_on(tenant, change_model, few):
    add(tenant, *TEXTS)
    embedder = change_model()
    plan_renewals(by=SYSTEM)
    embedder.ends = 4

    with pytest.raises(Killed):
        finish(tenant)
    assert state(tenant) == (7, 4, 0, False)
    assert renew_some(tenant_id=tenant.id) is False  # the lease is the dead worker's
    assert plan_renewals(by=SYSTEM) == 1  # and goes on
    embedder.ends = None
    with time_machine.travel(timezone.now() + renewing.LEASE + timedelta(seconds=1)):
        assert sweep_renewals() == 1
        finish(tenant)

    assert (sorted(embedder.texts), state(tenant)) == (TEXTS, (7, 7, 0, True))
    assert models_of(tenant) == ["new-model"] * 7


def test_worker_that_lost_its_lease_writes_nothing(tenant, change_model, monkeypatch):
    add(tenant, *TEXTS)
    change_model()
    plan_renewals(by=SYSTEM)
    real = renewing._embed

    def embed(tenant_id, step):
        with time_machine.travel(timezone.now() + renewing.LEASE + timedelta(seconds=1)):
            assert renewing._take(tenant_id) is not None
        return real(tenant_id, step)

    monkeypatch.setattr(renewing, "_embed", embed)

    assert renew_some(tenant_id=tenant.id) is False
    assert state(tenant) == (7, 0, 0, False)
    assert set(models_of(tenant)) == {EmbeddingModel.objects.earliest("id").name}


def test_change_and_deletion_meanwhile_are_not_undone(tenant, change_model, monkeypatch):
    first, second, third = add(tenant, *TEXTS[:3])
    change_model()
    plan_renewals(by=SYSTEM)
    real = renewing._embed

    def embed(tenant_id, step):
        made = real(tenant_id, step)
        update_memory(tenant_id=tenant.id, memory_id=first, text="d is new", by=SYSTEM)
        delete_memory(tenant_id=tenant.id, memory_id=second, by=SYSTEM)
        monkeypatch.setattr(renewing, "_embed", real)
        return made

    monkeypatch.setattr(renewing, "_embed", embed)
    finish(tenant)

    assert state(tenant) == (3, 1, 2, True)
    with tenant_scope(tenant.id):
        assert [row.id for row in Vector.objects.order_by("id")] == [first, third]
    [best, *_] = search(tenant, "d is new")
    assert (best.memory.id, best.parts.cosine) == (first, 1.0)


def test_host_that_does_not_answer_is_asked_again_later(tenant, change_model):
    add(tenant, *TEXTS)
    embedder = change_model()
    plan_renewals(by=SYSTEM)
    embedder.ends, embedder.raises = 0, EmbedderError("The host does not answer.")

    assert renew_some(tenant_id=tenant.id) is False
    assert (Renewal.objects.get().has_failed, sweep_renewals()) == (True, 0)
    embedder.ends = None
    with time_machine.travel(timezone.now() + renewing.PAUSE + timedelta(seconds=1)):
        assert sweep_renewals() == 1
        finish(tenant)

    assert state(tenant) == (7, 7, 0, True)
    assert Renewal.objects.get().has_failed is False


def test_worker_with_another_model_leaves_it_alone(tenant, change_model):
    add(tenant, *TEXTS)
    change_model()
    plan_renewals(by=SYSTEM)
    Renewal.objects.update(model=EmbeddingModel.objects.earliest("id"))

    assert renew_some(tenant_id=tenant.id) is False
    assert state(tenant) == (7, 0, 0, False)


def test_plan_names_tenants_with_something_to_do(tenant, other_tenant, change_model):
    add(tenant, "one")
    change_model()
    add(other_tenant, "two")

    assert plan_renewals(by=SYSTEM) == 1

    assert [row.tenant_id for row in Renewal.objects.all()] == [tenant.id]
    with tenant_scope(tenant.id):
        assert AuditEvent.objects.get(action=Action.VECTORS_RENEW).facts == {"count": 1}


def test_model_that_stays_is_no_change(tenant):
    assert choose_model() is False
    assert EmbeddingModel.objects.count() == 1


def test_model_chosen_last_is_in_use(tenant, change_model):
    change_model()

    assert (recorded_model().name, EmbeddingModel.objects.count()) == ("new-model", 2)


def test_command_does_all_and_says_how_many(tenant, other_tenant, change_model, few, capsys):
    add(tenant, *TEXTS)
    add(other_tenant, *TEXTS[:3])
    change_model()

    call_command("reembed", tenant=tenant.slug)
    assert capsys.readouterr().out == (
        "7 memories are embedded by the current model, 0 were skipped.\n"
    )
    assert models_of(tenant) == ["new-model"] * 7
    assert "new-model" not in models_of(other_tenant)

    call_command("reembed", json=True)
    assert capsys.readouterr().out == '{"done": 10, "skipped": 0}\n'
    assert models_of(other_tenant) == ["new-model"] * 3


def test_command_refuses_an_unknown_tenant(db):
    with pytest.raises(CommandError, match="There is no tenant nowhere"):
        call_command("reembed", tenant="nowhere")


def test_command_stops_where_the_host_does_not_answer(tenant, change_model):
    add(tenant, *TEXTS)
    embedder = change_model()
    embedder.ends, embedder.raises = 0, EmbedderError("The host does not answer.")

    with pytest.raises(CommandError, match="could not be used"):
        call_command("reembed")
