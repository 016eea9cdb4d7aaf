"""What tests of requests share."""

from time import sleep

from apps.common.actor import SYSTEM, Actor, ActorKind
from apps.common.ids import uuid7
from apps.isolation.scope import tenant_scope
from apps.memories.enums import EntityKind
from apps.privacy.domain.moves import get_request
from apps.privacy.domain.particulars import Handling, change_handling
from apps.privacy.domain.requests import open_request
from apps.privacy.domain.values import NewRequest
from apps.privacy.domain.work import run_request
from apps.privacy.enums import RequestKind, Via

OPERATOR, SECOND = (Actor(ActorKind.OPERATOR, uuid7()) for _ in range(2))
KEY = Actor(ActorKind.API_KEY, uuid7())


def make_new(kind="erasure", name="ada", *, subject="user", via="operator", **fields):
    return NewRequest(
        kind=RequestKind(kind),
        subject_kind=EntityKind(subject),
        subject_name=name,
        via=Via(via),
        **fields,
    )


def ask(tenant, kind="erasure", name="ada", *, by=OPERATOR, **fields):
    return open_request(tenant_id=tenant.id, new=make_new(kind, name, **fields), by=by)[0]


def run(tenant, request, **fields):
    """Everything that is left to do; a vacuum that another session holds up is tried again."""
    while True:
        while run_request(tenant_id=tenant.id, request_id=request.id, by=SYSTEM, **fields):
            pass
        found = read(tenant, request)
        if found.state != "running" or found.failure != "vacuum":
            return found
        sleep(0.2)


def read(tenant, request):
    with tenant_scope(tenant.id):
        found = get_request(request.id)
        _ = found.subject_name, found.reference, found.corrections, found.explanation
        return found


def handle(tenant, **fields):
    with tenant_scope(tenant.id):
        change_handling(handling=Handling(**fields), by=OPERATOR)
