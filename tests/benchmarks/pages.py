"""How long the dashboard's pages take over a tenant with many people, and in how many statements.

pages.py [--memories 100000] [--users 10000] [--rounds 10] [--only WORD] [--data FOLDER] prints
{page: {"ms_p50", "ms_p95", "queries"}}. `ms` is what the server is at work: the whole request in
this process, without the network. Each page is opened once before. All that crowd.py plants lies
in a database of its own, thrown away at the end; with --data it stays in that folder, and the next
run with it begins at once. The page on health is left out: it waits for workers to answer.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path
from statistics import median, quantiles
from typing import Any

_HERE = Path(__file__).resolve().parent  # holds an http.py, which would hide the standard one
PROJECT = _HERE.parents[1]
sys.path[:] = [
    str(PROJECT), str(_HERE.parent), *(p for p in sys.path if Path(p or ".").resolve() != _HERE)
]  # fmt: skip

EVENTS = 2  # audit events for each memory
EMAIL, PASSWORD = "ines@crowd.example", "a long pass phrase, not a word"
LEFT_OUT = {"health", "tenant-copy"}
PALETTE = {"HX-Request": "true", "HX-Target": "palette"}
QUESTION = "What did she say about the time after work?"

Page = tuple[str, str, dict[str, str] | None]  # name, address, and what is posted to it


def run(tenant: Any, *, rounds: int, only: str) -> dict[str, Any]:
    """In a prepared Django, on a filled database."""
    import gc

    open_page, results = sign_in(tenant), {}
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)  # as memoryhub/wsgi.py does
    for name, address, data in list_pages(tenant):
        if only in name:
            status = open_page(address, data).status_code
            if status == 200 or (data and status == 302):
                results[name] = measure(lambda: open_page(address, data), rounds)  # noqa: B023
                sys.stderr.write(f"{name}: {results[name]}\n")
            elif " " in name:  # not one of all addresses, some of which only take forms
                raise SystemExit(f"{name} answers {status}")
    return results


def measure(act: Callable[[], Any], rounds: int) -> dict[str, float]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as statements:
        act()
    queries, times = len(statements), []
    for _ in range(rounds):
        started = time.perf_counter()
        act()
        times.append((time.perf_counter() - started) * 1000)
    return {
        "ms_p50": round(median(times), 1),
        "ms_p95": round(quantiles(times, n=20, method="inclusive")[-1], 1),
        "queries": queries,
    }


def sign_in(tenant: Any) -> Callable[[str, dict[str, str] | None], Any]:
    """What opens a page of the dashboard as an operator, and one of the API with a key."""
    from django.test import Client

    from apps.accounts.models import Operator
    from apps.common.actor import SYSTEM
    from apps.tenants.domain.api_keys import create_api_key
    from tests.support.sign_ins import prove_sign_in

    operator, browser = Operator.objects.get(email=EMAIL), Client()
    browser.force_login(operator)
    prove_sign_in(browser, operator)
    _, token = create_api_key(tenant=tenant, name="pages", by=SYSTEM)
    application = Client(headers={"Authorization": f"Token {token}"})

    def open_page(address: str, data: dict[str, str] | None) -> Any:
        if not address.startswith("/dashboard/"):
            return application.get(address)
        if data is None:
            return browser.get(address)
        is_palette = address == "/dashboard/find/" and "page" not in data
        return browser.post(address, data, headers=PALETTE if is_palette else {})

    return open_page


def list_pages(tenant: Any) -> Iterator[Page]:
    from django.urls import reverse

    from apps.dashboard.urls import urlpatterns

    for pattern in urlpatterns:
        if not pattern.pattern.converters and pattern.name not in LEFT_OUT:
            yield pattern.name, reverse(f"dashboard:{pattern.name}"), None
    yield from entity_pages(tenant)
    yield from memory_pages(tenant)
    yield from trail_pages(tenant)
    for size, page in ((100, 1), (100, 50), (1, 999)):
        yield f"API entities {size} {page}", f"/v1/entities/?page_size={size}&page={page}", None
    yield "API entity filters", "/v1/entities/filters/", None
    yield "API totals", "/v1/stats/", None


def entity_pages(tenant: Any) -> Iterator[Page]:
    from benchmarks.crowd import LARGE, MEDIUM

    from apps.dashboard.views.holdings import READ
    from apps.isolation.scope import tenant_scope
    from apps.memories.queries.entities import find_entities

    for kind in ("user", "agent", "app", "run"):
        for order in ("use", "size"):
            yield f"{kind}s by {order}", f"/dashboard/entities/{kind}/?order={order}", None
    for order in ("use", "size"):
        yield f"users by {order}, 90", f"/dashboard/entities/user/?order={order}&page=90", None
    for name, words in {"one": LARGE, "part": "ser 77", "none": "nobody"}.items():
        yield f"find users, {name}", "/dashboard/entities/user/", {"q": words}
        yield f"find all, {name}", "/dashboard/find/", {"q": words, "page": ""}
        yield f"palette, {name}", "/dashboard/find/", {"q": words}
    with tenant_scope(tenant.id):
        ids = [find_entities([("user", name)])["user", name].id for name in (LARGE, MEDIUM)]
    for name, entity_id in zip((LARGE, MEDIUM), ids, strict=True):
        address = f"/dashboard/entities/{entity_id}/"
        yield f"{name} user", address, None
        yield f"{name} user, search", address, {"q": QUESTION}
        for tab in READ:
            yield f"{name} user, {tab}", f"{address}{tab}/", None


def memory_pages(tenant: Any) -> Iterator[Page]:
    from benchmarks.crowd import CATEGORIES, LARGE

    from apps.isolation.scope import tenant_scope
    from apps.memories.models import Memory

    with tenant_scope(tenant.id):
        newest = Memory.objects.current().order_by("-created_at", "-id")
        middle, oldest = (newest[n] for n in (newest.count() // 2, newest.count() - 60))
    asked: dict[str, dict[str, str]] = {
        "middle": {"before": str(middle.id)},
        "last": {"before": str(oldest.id)},
        "back": {"after": str(oldest.id)},
        **{name: {"state": name} for name in ("superseded", "expired", "deleted")},
        "of one": {"kind": "user", "entity": LARGE},
        "of an agent": {"kind": "agent", "entity": "agent 1"},
        "with a run": {"kind": "run"},
        "one day": {"since": f"{middle.created_at:%Y-%m-%d}", "until": f"{middle.created_at:%Y-%m-%d}"},
        "category": {"category": CATEGORIES[0]},
        "rare category": {"category": CATEGORIES[-1]},
        "no category": {"category": "none"},
        "category, last": {"category": CATEGORIES[0], "before": str(oldest.id)},
        "metadata": {"key": "channel", "value": "mail"},
        "rare metadata": {"key": "number", "value": "77"},
        "metadata key": {"key": "channel"},
        "no metadata key": {"key": "none"},
        "metadata of one": {"kind": "user", "entity": LARGE, "key": "channel", "value": "mail"},
        "metadata in a month": {"key": "channel", "since": f"{middle.created_at:%Y-%m}-01",
                                "until": f"{middle.created_at:%Y-%m}-28"},
        "search all": {"q": QUESTION},
        "search category": {"q": QUESTION, "category": CATEGORIES[3]},
        "search one": {"q": QUESTION, "kind": "user", "entity": LARGE},
    }  # fmt: skip
    for name, data in asked.items():
        yield f"memories, {name}", "/dashboard/memories/", data
    yield "memory", f"/dashboard/memories/{middle.id}/", None


def trail_pages(tenant: Any) -> Iterator[Page]:
    from apps.audit.models import AuditEvent
    from apps.isolation.scope import tenant_scope
    from apps.memories.models import Job

    with tenant_scope(tenant.id):
        event = AuditEvent.objects.filter(action="memory.add").order_by("id")[100]
        job = Job.objects.order_by("id")[100]
    day = f"{event.occurred_at:%Y-%m-%d}"
    for asked in (
        f"before={event.id}", f"after={event.id}", "action=memory.read", "action=keys.rotate",
        "action=login.failed", "who=system", "outcome=failed", f"target={event.target_id}",
        f"since={day}&until={day}", f"action=keys.rotate&until={day}",
    ):  # fmt: skip
        yield f"audit, {asked.split('=0')[0]}", f"/dashboard/audit/?{asked}", None
    yield "audit event", f"/dashboard/audit/{event.id}/", None
    for state in ("SUCCEEDED", "FAILED", "PENDING", "RUNNING"):
        yield f"jobs, {state}", f"/dashboard/jobs/?state={state}", None
    yield "jobs, last", f"/dashboard/jobs/?before={job.id}", None
    yield "job", f"/dashboard/jobs/{job.id}/", None
    for tab in ("open", "all", "board"):
        yield f"requests, {tab}", f"/dashboard/requests/?show={tab}", None
    for name in ("24h", "7d", "30d", "90d"):
        yield f"overview, {name}", f"/dashboard/?range={name}", None


def prepare(*, memories: int, users: int) -> Any:
    """The tenant, filled where it is new."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "memoryhub.settings"
    django.setup()
    import logging

    from benchmarks import crowd
    from django.conf import settings
    from django.core.management import call_command

    from apps.common.actor import SYSTEM
    from apps.tenants.models import Tenant

    logging.disable(logging.WARNING)
    settings.ALLOWED_HOSTS = ["*"]
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = settings.STORAGES | {"staticfiles": plain}
    call_command("migrate", verbosity=0)
    if found := Tenant.objects.filter(slug=crowd.NAME).first():
        return found
    call_command("first_run", verbosity=0, stdout=StringIO())
    tenant = make_tenant(crowd.NAME)
    crowd.fill(tenant, memories=memories, users=users, by=SYSTEM)
    from benchmarks.audit import fill, seal

    fill({"tenant": str(tenant.id), "events": memories * EVENTS})
    seal({"tenant": str(tenant.id)})
    return tenant


def make_tenant(name: str) -> Any:
    from apps.common.actor import SYSTEM
    from apps.tenants.domain.operators import create_operator
    from apps.tenants.domain.tenants import create_tenant
    from apps.tenants.enums import Role

    tenant = create_tenant(name=name, slug=name, by=SYSTEM)
    create_operator(
        email=EMAIL, password=PASSWORD, tenant=tenant, role=Role.OWNER,
        is_instance_owner=True, by=SYSTEM,
    )  # fmt: skip
    return tenant


def analyze() -> None:
    """What autovacuum does within a minute or so."""
    import psycopg

    with psycopg.connect(os.environ["DATABASE_OWNER_URL"], autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memories", type=int, default=100_000)
    parser.add_argument("--users", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--only", default="", help="pages with this word in their name")
    parser.add_argument("--data", type=Path, help="a folder to keep the database in")
    arguments = parser.parse_args()
    folder = arguments.data or Path(tempfile.mkdtemp(prefix="memoryhub-pages-"))
    os.environ["MEMORYHUB_DATA_DIR"] = str(folder)
    from memoryhub.embedded import layout, postgres, server

    process = server.start(layout.prepare(folder), durable=False)
    os.environ["DATABASE_OWNER_URL"] = postgres.url(folder, postgres.Role.OWNER)
    os.environ["DATABASE_URL"] = postgres.url(folder, postgres.Role.APP)
    try:
        tenant = prepare(memories=arguments.memories, users=arguments.users)
        analyze()
        results = run(tenant, rounds=arguments.rounds, only=arguments.only)
        sys.stdout.write(json.dumps(results, indent=2) + "\n")
        from django.db import connections

        connections.close_all()
    finally:
        server.stop(process)
        if not arguments.data:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
