"""Proving that an erasure leaves nothing: plant a random word, erase, rewrite, look everywhere."""

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from apps.common.actor import Actor
from apps.isolation.scope import tenant_scope
from apps.memories.domain.journal_file import copy_journal
from apps.memories.models import Memory, Vector
from apps.operations.proof import places
from apps.operations.proof.answers import search_answers
from apps.operations.proof.sentinels import Planted, clear, plant, remove_control
from apps.privacy.domain.certificates import get_certificate
from apps.privacy.domain.orders import erase_again
from apps.privacy.domain.scrubbing import scrub
from apps.tenants.domain.tenants import create_canary
from apps.tenants.models import Tenant

SLUG = "erased"
ROUTES = frozenset(
    {
        "GET api/v1/privacy/requests/",
        "GET v1/entities/",
        "GET v1/memories/<any:memory_id>/",
        "GET v1/memories/<any:memory_id>/history/",
        "POST v3/memories/",
        "POST v3/memories/search/",
    }
)
"""In whose answers the word is before the erasure; others may show it too."""


@dataclass(slots=True)
class Check:
    """What was seen in one place before and after; `state` is ok, found, unseen or NOT CHECKED."""

    place: str
    before: list[str]
    after: list[str]
    state: str


@dataclass(slots=True)
class Proof:
    checks: list[Check] = field(default_factory=list)
    still: dict[str, Any] = field(default_factory=dict)

    @property
    def failures(self) -> list[str]:
        return [one.place for one in self.checks if one.state in {"found", "unseen"}]


def prove_erasure(*, by: Actor) -> Proof:
    """Do all of it on a canary tenant of its own. Call outside any scope.

    It rewrites the tables that erasures touch (VACUUM FULL), which nobody can use meanwhile, and
    reads every row of every table.
    """
    tenant = _ensure_canary(by)
    clear(tenant)
    planted = plant(tenant=tenant, by=by)
    places.write_files()
    opened, answers, tables, control, files = _look(planted, has_control=True)
    sealed = places.list_sealed_files(planted)
    remove_control(planted)
    request = erase_again(tenant_id=tenant.id, entity_id=planted.entity_id, by=by)
    copy_journal()
    scrub(is_forced=True, by=by)
    places.write_files()
    after = _look(planted, has_control=False)
    proof = Proof()
    _add(proof, "rows, opened", opened, after[0], is_seen=set(opened) >= places.list_sealed())
    _add(proof, "answers of the API", answers, after[1], is_seen=set(answers) >= ROUTES)
    _add(proof, "tables and columns", tables, after[2], is_seen=_is_in_vectors(tables))
    _add(proof, "control in the tables", control, after[3], is_seen=bool(control))
    left, is_seen = places.list_sealed_files(planted), set(sealed) >= places.SEALED_FILES
    _add(proof, "copies and exports, sealed", sealed, left, is_seen=is_seen)
    for place, found in files.items():
        if place != places.LOG:
            _add(proof, f"files: {place}", found, after[4][place], is_seen=bool(found))
    with tenant_scope(tenant.id):
        horizons = get_certificate(request.id).document["horizons"]
        assert not Memory.objects.exists()
    proof.still = _say_still(after[4][places.LOG], horizons)
    clear(tenant)
    return proof


def _look(planted: Planted, *, has_control: bool) -> tuple[Any, Any, Any, Any, Any]:
    return (
        places.open_rows(planted),
        search_answers(planted),
        places.search_tables(*places.list_words(planted)),
        places.search_tables(planted.control),
        places.search_files(planted, has_control=has_control),
    )


def _add(proof: Proof, place: str, before: Any, after: Any, *, is_seen: bool) -> None:
    if places.NOT_CHECKED in (before, after):
        proof.checks.append(Check(place, [], [], places.NOT_CHECKED))
        return
    state = "found" if after else "ok" if is_seen else "unseen"
    proof.checks.append(Check(place, before, after, state))


def _is_in_vectors(tables: list[str]) -> bool:
    return tables == [f"public.{Vector._meta.db_table}.embedding"]


def _say_still(after: Any, horizons: dict[str, Any]) -> dict[str, Any]:
    """What may hold deleted bytes all the same, and until when."""
    now = timezone.now()
    return {
        "write_ahead_log": horizons["write_ahead_log"],
        "write_ahead_log_files": after,
        "key_backups": (now + timedelta(days=settings.KEY_BACKUP_DAYS)).date().isoformat(),
        "data_backups": (now + timedelta(days=settings.DATA_BACKUP_DAYS)).date().isoformat(),
    }


def _ensure_canary(by: Actor) -> Tenant:
    known = Tenant.objects.filter(is_canary=True, slug=f"_{SLUG}").first()
    return known or create_canary(slug=SLUG, by=by)
