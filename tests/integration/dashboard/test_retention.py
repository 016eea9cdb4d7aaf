"""Settings of how long memories are kept."""

from apps.isolation.scope import tenant_scope
from apps.memories.enums import EntityKind
from apps.privacy.domain.retention import Term, read_terms
from apps.privacy.enums import Since

PAGE = "/dashboard/retention/"
FORM = {f"{kind}_since": "use" for kind in EntityKind.values}


def terms(tenant):
    with tenant_scope(tenant.id):
        return read_terms()


def test_terms_are_counted_then_saved(browser, tenant, store):
    store.add("Ada drinks tea")
    given = FORM | {"user_days": "30", "agent_days": "7", "agent_since": "creation"}

    counted = browser.post(PAGE, given | {"act": "preview"})

    assert b"Past the term of kind user" in counted.content
    assert terms(tenant) == {}
    saved = browser.post(PAGE, given, follow=True)
    assert b"Retention saved" in saved.content
    assert b'value="30"' in saved.content
    assert terms(tenant) == {
        EntityKind.USER: Term(30, Since.USE),
        EntityKind.AGENT: Term(7, Since.CREATION),
    }


def test_wrong_days_are_refused(browser, tenant):
    answer = browser.post(PAGE, FORM | {"user_days": "0"})

    assert b"greater than or equal to 1" in answer.content
    assert terms(tenant) == {}
