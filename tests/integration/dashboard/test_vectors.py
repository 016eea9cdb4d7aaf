"""/dashboard/vectors/"""

from datetime import timedelta

import pytest

from apps.common import sending
from apps.isolation.scope import tenant_scope
from apps.memories.domain.embedding_models import current_model_id
from apps.memories.domain.renewing import renew_some
from apps.memories.models import EmbeddingModel, Renewal, Vector
from apps.tenants.enums import Role

PAGE = "/dashboard/vectors/"


@pytest.fixture(autouse=True)
def no_workers(monkeypatch):
    monkeypatch.setattr(sending.current_app, "send_task", lambda *_, **__: None)


@pytest.fixture
def old_vectors(store, tenant):
    """Memories of a model that is in use no more, which has as many dimensions."""
    store.add("one", "two", "three")
    current = EmbeddingModel.objects.get(id=current_model_id())
    old = EmbeddingModel.objects.create(
        name="old-model",
        dimensions=current.dimensions,
        chosen_at=current.chosen_at - timedelta(days=1),
    )
    with tenant_scope(tenant.id):
        Vector.objects.update(model=old)


def test_page_shows_how_far_it_is(browser, tenant, old_vectors):
    answer = browser.post(f"{PAGE}renew/", follow=True)
    assert b"Memories of 1 tenant are embedded anew" in answer.content
    [row] = answer.context["renewals"]
    assert (row.tenant, row.words, row.word) == (tenant.name, "0 of 3", "running")

    while renew_some(tenant_id=tenant.id):
        pass

    [row] = browser.get(PAGE).context["renewals"]
    assert (row.words, row.word, row.seen, row.total) == ("3 of 3", "done", 3, 3)


def test_page_says_where_the_model_does_not_answer(browser, old_vectors):
    browser.post(f"{PAGE}renew/")
    Renewal.objects.update(has_failed=True, skipped=1)

    [row] = browser.get(PAGE).context["renewals"]

    assert (row.state, row.words) == ("failed", "0 of 3, 1 skipped")


def test_nothing_to_do_is_said(browser, store):
    store.add("one")

    answer = browser.post(f"{PAGE}renew/", follow=True)

    assert b"All memories are embedded by the current model" in answer.content
    assert b"Nothing had to be embedded anew" in answer.content


def test_owners_of_a_tenant_do_not_govern_it(make_operator, sign_in):
    browser = sign_in(make_operator(role=Role.OWNER))

    assert (browser.get(PAGE).status_code, browser.post(f"{PAGE}renew/").status_code) == (403, 403)
