"""A person with many memories: how long a copy and an erasure take, and with how much memory.

erasure.py [--memories 100000] prints {"copy": {"seconds", "peak_mb", "bytes"}, "erasure":
{"seconds", "peak_mb", "rows"}, "one by one": {"per_s", "seconds"}} on a throw-away database, whose
commits do not wait for a disk. `peak_mb` is all that the process held at most, meanwhile. "One by
one" deletes a thousand memories by the API's own delete, and counts up.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

_HERE = Path(__file__).resolve().parent  # holds an http.py, which would hide the standard one
PROJECT = _HERE.parents[1]
sys.path[:] = [
    str(PROJECT), str(_HERE.parent), *(p for p in sys.path if Path(p or ".").resolve() != _HERE)
]  # fmt: skip

ONE_BY_ONE = 1_000


def run(memories: int) -> dict[str, Any]:
    """In a prepared Django."""
    from apps.common.actor import SYSTEM
    from apps.isolation.scope import tenant_scope
    from apps.memories.domain.deletion import delete_memory
    from apps.memories.models import Memory
    from apps.tenants.domain.tenants import create_tenant
    from tests.support.people import plant_person

    tenant = create_tenant(name="Benchmark", slug="benchmark", by=SYSTEM)
    plant_person(tenant, "ada", count=memories)
    plant_person(tenant, "bob", count=ONE_BY_ONE)
    results = {"copy": measure(tenant, "portability"), "erasure": measure(tenant, "erasure")}
    with tenant_scope(tenant.id):
        ids = list(Memory.objects.live().values_list("id", flat=True))
    started = time.perf_counter()
    for memory_id in ids:
        delete_memory(tenant_id=tenant.id, memory_id=memory_id, by=SYSTEM)
    seconds = (time.perf_counter() - started) * memories / len(ids)
    return results | {
        "one by one": {"per_s": round(memories / seconds, 1), "seconds": round(seconds, 1)}
    }


def measure(tenant: Any, kind: str) -> dict[str, Any]:
    from apps.common.actor import SYSTEM
    from apps.isolation.scope import tenant_scope
    from apps.memories.enums import EntityKind
    from apps.privacy.domain import due_list
    from apps.privacy.domain.requests import open_request
    from apps.privacy.domain.values import NewRequest
    from apps.privacy.domain.work import run_request
    from apps.privacy.enums import RequestKind, Via
    from apps.privacy.models import SubjectCopy
    from apps.privacy.queries import read_request

    due_list.send_item = lambda *_, **__: None
    new = NewRequest(RequestKind(kind), EntityKind.USER, "ada", via=Via.COMMAND)
    request, _ = open_request(tenant_id=tenant.id, new=new, by=SYSTEM)
    reset_peak()
    started = time.perf_counter()
    run_request(tenant_id=tenant.id, request_id=request.id, by=SYSTEM)
    seconds = time.perf_counter() - started
    done = read_request(tenant_id=tenant.id, request_id=request.id)
    assert done.state == "done", (done.state, done.failure)
    result = {"seconds": round(seconds, 1), "peak_mb": round(read_status("VmHWM") / 1e3)}
    if kind == "erasure":
        tables = done.progress["tables"].values()
        return result | {"rows": sum(table["shredded"] + table["deleted"] for table in tables)}
    with tenant_scope(tenant.id):
        return result | {"bytes": SubjectCopy.objects.get(request=request).size}


def reset_peak() -> None:
    """What the process holds now is its peak from now on."""
    Path("/proc/self/clear_refs").write_text("5")


def read_status(name: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))


def prepare() -> None:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "memoryhub.settings"
    django.setup()
    import logging

    from django.core.management import call_command

    from apps.common.actor import SYSTEM
    from apps.keys.master import make_master_key
    from apps.memories.domain.embedding_models import choose_model
    from apps.tenants.domain.tenants import create_instance_tenant

    logging.disable(logging.INFO)
    call_command("migrate", verbosity=0)
    make_master_key()
    create_instance_tenant(by=SYSTEM)
    choose_model()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--memories", type=int, default=100_000)
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="memoryhub-erasure-")
    os.environ["MEMORYHUB_DATA_DIR"] = folder
    for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        os.environ.pop(name, None)
    from memoryhub.embedded import server
    from memoryhub.embedded.layout import prepare as prepare_layout

    process = server.start(prepare_layout(Path(folder)), durable=False)
    try:
        prepare()
        sys.stdout.write(json.dumps(run(arguments.memories)) + "\n")
        from django.db import connections

        connections.close_all()
    finally:
        server.stop(process)
        shutil.rmtree(folder, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
