"""Every method of managers, querysets and instances, sync and async, found by introspection.

Without a tenant each one raises. In our scope it answers what it would if the other tenant's rows
were not there, and leaves them as they are, though they have the same ids as ours.
"""

import copy

import pytest
from django.db import connection
from django.db.models import Count, F, Max, Q, QuerySet
from django.db.models.fields.related_descriptors import ReverseManyToOneDescriptor
from django.test.utils import CaptureQueriesContext

from apps.isolation.scope import TenantScopeError, tenant_scope
from apps.memories.models import Memory, Version
from apps.tenants.models import Tenant
from tests.support.twins import (
    AT,
    ENTITY,
    FIRST,
    SECOND,
    THIRD,
    attempt,
    find_leaks,
    is_refusal,
    make_twins,
)

NEW = {"id": THIRD, "memory_id": FIRST, "key_owner_id": ENTITY, "number": 7, "created_at": AT}
EVENT = Version._meta.get_field("event")


def make_new(rows, **fields):
    return Version(**NEW | {"tenant_id": rows.tenant.id, "event": "ADD"} | fields)


def call(*args, **kwargs):
    return lambda *_: (args, kwargs)


CALLS = {
    "aggregate": call(Count("id"), Max("number"), Max("memory__role")),
    "alias": call(n=F("memory__role")),
    "all": call(),
    "annotate": call(role=F("memory__role"), n=Count("key_owner")),
    "bulk_create": lambda rows, _: (([make_new(rows)],), {}),
    "bulk_update": lambda rows, _: ((rows.versions, ["event"]), {}),
    "complex_filter": call(Q(memory__role__gt="")),
    "contains": lambda rows, _: ((rows.versions[0],), {}),
    "count": call(),
    "create": call(**NEW, event="ADD"),
    "dates": call("created_at", "day"),
    "datetimes": call("created_at", "day"),
    "db_manager": call("default"),
    "defer": call("number"),
    "delete": call(),
    "difference": lambda _, source: ((source().filter(number=99),), {}),
    "distinct": call(),
    "earliest": call("created_at", "id"),
    "exclude": call(memory__role="nobody"),
    "exists": call(),
    "explain": call(),
    "extra": call(select={"x": "1"}),
    "filter": call(memory__role__in=["ours", "theirs"]),
    "first": call(),
    "get": call(number=1),
    "get_or_create": call(number=1, defaults=NEW),
    "get_queryset": call(),
    "in_bulk": call([FIRST, SECOND, THIRD]),
    "intersection": lambda _, source: ((source().all(),), {}),
    "iterator": call(chunk_size=1),
    "last": call(),
    "latest": call("created_at", "id"),
    "none": call(),
    "only": call("number"),
    "order_by": call("-memory__role", "key_owner__token"),
    "prefetch_related": call("memory", "key_owner"),
    "raw": call("SELECT * FROM memories_version"),
    "resolve_expression": lambda *_: ((Tenant.objects.all().query,), {}),
    "reverse": call(),
    "select_for_update": call(no_key=True),
    "select_related": call("memory__key_owner"),
    "union": lambda _, source: ((source().all(),), {"all": True}),
    "update": call(event="UPDATE"),
    "update_or_create": call(number=1, defaults={"event": "UPDATE"}, create_defaults=NEW),
    "using": call("default"),
    "values": call("id", "memory__role"),
    "values_list": call("id", "key_owner__kind"),
    # of related managers
    "get_prefetch_querysets": lambda rows, _: (([memory_of(rows)],), {}),
    "add": lambda rows, _: ((rows.versions[1],), {"bulk": False}),
    "set": lambda rows, _: ((rows.versions,), {"bulk": False}),
    # what Django calls itself
    "_insert": lambda rows, _: (
        ([make_new(rows)], Version._meta.concrete_fields),
        {"using": "default"},
    ),
    "_raw_delete": call("default"),
    "_update": call([(EVENT, None, "UPDATE")]),
    "__and__": lambda _, source: ((source().filter(memory__role__gt=""),), {}),
    "__or__": lambda _, source: ((source().filter(memory__role__gt=""),), {}),
    "__xor__": lambda _, source: ((source().filter(number=99),), {}),
    "__deepcopy__": call({}),
    "__getitem__": call(slice(0, 10)),
    **dict.fromkeys(
        ("__aiter__", "__bool__", "__getstate__", "__iter__", "__len__", "__repr__"), call()
    ),
}
VALUES = {"auto_created", "creation_counter", "db", "ordered", "query", "use_in_migrations"}
VALUES |= {"core_filters", "field", "instance", "model", "name", "do_not_call_in_templates"}
ABOUT_CLASSES = {"as_manager", "check", "contribute_to_class", "deconstruct", "from_queryset"}
OLD_NAMES = {"get_prefetch_queryset"}  # calls get_prefetch_querysets, and warns
SILENT = {"none", "resolve_expression"}  # send nothing by themselves
WITHOUT_ROWS = {"__class_getitem__", "__doc__", "__init__", "__module__", "__setstate__"}


def memory_of(rows):
    return Memory(id=FIRST, tenant_id=rows.tenant.id)


def versions_of(rows):
    """The related manager, though the relation has no name on this side."""
    rel = Version._meta.get_field("memory").remote_field
    return ReverseManyToOneDescriptor(rel).__get__(memory_of(rows), Memory)


def made_in_scope(rows):
    with tenant_scope(rows.tenant.id):
        return Version.objects.all()


SOURCES = {
    "manager": lambda ours, theirs: lambda: Version.objects,
    "base manager": lambda ours, theirs: lambda: Version._base_manager,
    "queryset": lambda ours, theirs: made_in_scope(ours).all,
    "queryset past the manager": lambda ours, theirs: lambda: QuerySet(Version),
    "related manager": lambda ours, theirs: lambda: versions_of(ours),
    "their related manager": lambda ours, theirs: lambda: versions_of(theirs),
    "their queryset": lambda ours, theirs: made_in_scope(theirs).all,
}
FROM_OURS = {"manager", "base manager", "queryset", "related manager"}
each_source = pytest.mark.parametrize("name", SOURCES)


@pytest.fixture
def twins(db):
    return make_twins()


def list_methods(source):
    """What the sweep has to call: all that is public, and what Django calls itself."""
    public = {name for name in dir(source) if not name.startswith("_")}
    own = {name for name in CALLS if name.startswith("_") and name in vars(QuerySet)}
    inner = own if isinstance(source, QuerySet) else own & {"_insert", "_update"}
    return sorted((public | inner) - VALUES - ABOUT_CLASSES - OLD_NAMES)


def make_act(method, rows, source):
    """An async method takes what its sync twin takes."""
    given = CALLS.get(method) or CALLS[method.removeprefix("a")]

    def act():
        args, kwargs = copy.deepcopy(given(rows, source))
        return getattr(source(), method)(*args, **kwargs)

    return act


def test_methods_are_all_known(twins):
    """A new method of Django stands here until it is given arguments."""
    found = {n for make in SOURCES.values() for n in list_methods(make(*twins)())}
    inner = {name for name in vars(QuerySet) if name.startswith("__")} - WITHOUT_ROWS

    unknown = {n for n in found | inner if not {n, n.removeprefix("a")} & CALLS.keys()}
    unused = CALLS.keys() - found
    assert (unknown, unused) == (set(), set())


@each_source
def test_method_without_a_tenant_raises(twins, name):
    ours, theirs = twins
    source = SOURCES[name](ours, theirs.plant())
    answered = {}

    for method in list_methods(source()):
        with CaptureQueriesContext(connection) as captured:
            got, _ = attempt(make_act(method, ours, source), ours, theirs, scope=None)
        is_held = got is TenantScopeError and not list_sent(captured)
        if not is_held and method not in SILENT:
            answered[method] = got

    assert answered == {}


def list_sent(captured):
    return [one["sql"] for one in captured if "SAVEPOINT" not in one["sql"]]


@each_source
def test_method_neither_sees_nor_changes_a_row_of_another_tenant(twins, name):
    ours, theirs = twins
    source = SOURCES[name](ours, theirs)
    acts = {method: make_act(method, ours, source) for method in list_methods(source())}

    leaks, alone = find_leaks(acts, ours, theirs)

    assert leaks == {}
    if name in FROM_OURS:
        assert {method for method, got in alone.items() if is_refusal(got)} == {"extra", "raw"}
