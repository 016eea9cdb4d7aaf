"""The keys of the open scope: read with the rows in the same transaction, gone at its end."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from django.utils import timezone

from apps.common.crypto import Key, SealBroken
from apps.common.errors import Conflict
from apps.isolation.prepared import open_prepared_cursor
from apps.isolation.scope import current_scope
from apps.keys.master import read_master_key, unwrap_tenant_key
from apps.keys.models import EntityKey, Secret, TenantKey
from apps.keys.wrapping import unwrap, wrap

STATE = "keys"


class KeyDestroyed(Conflict):
    """The entity's key is gone, and with it everything it sealed."""


class KeyClosed(Conflict):
    """Nothing new may be sealed for the entity."""


@dataclass(slots=True)
class KeyRing:
    """Costs one statement for each `load` of entity keys; the tenant's comes with the scope."""

    tenant_id: UUID
    tenant_keys: "TenantKeys | None" = None
    entity_keys: dict[UUID, Key] = field(default_factory=dict)

    @property
    def tenant(self) -> "TenantKeys":
        if self.tenant_keys is None:
            wrapped = current_scope().wrapped_key or _read_tenant_key()
            context = _context(b"tenant", self.tenant_id, self.tenant_id)
            self.tenant_keys = TenantKeys(unwrap_tenant_key(bytes(wrapped), context))
        return self.tenant_keys

    def entity(self, entity_id: UUID) -> Key:
        """The entity's key; KeyDestroyed if there is none any more."""
        key = self.entity_keys.get(entity_id)
        if key is None:
            self.load([entity_id])
            key = self.entity_keys.get(entity_id)
        if key is None:
            raise KeyDestroyed("The key of this entity has been destroyed.")
        return key

    def load(self, entity_ids: Iterable[UUID]) -> None:
        """Read the keys that are not here yet; destroyed ones stay absent."""
        missing = set(entity_ids) - self.entity_keys.keys()
        if missing:
            rows = EntityKey.objects.filter(id__in=missing, wrapped__isnull=False)
            self.remember(dict(rows.values_list("id", "wrapped")))

    def load_for_writing(self, entity_ids: Iterable[UUID], *, even_closed: bool = False) -> None:
        """Read the keys and hold them until the commit: an erasure waits, or has been before.

        In the order of their ids, as an erasure does, so that the two can't deadlock. KeyClosed
        where one is closed.
        """
        ids = list(entity_ids)
        with open_prepared_cursor() as cursor:
            cursor.execute(
                'SELECT id, wrapped, closed_at FROM "keys"."entity_key" WHERE tenant_id = %s'
                " AND id = ANY(%s) AND wrapped IS NOT NULL ORDER BY id FOR KEY SHARE",
                [self.tenant_id, ids],
            )
            rows = cursor.fetchall()
        if not even_closed and any(closed_at for _, _, closed_at in rows):
            raise KeyClosed(
                "Nothing can be written for this entity: the person has objected, or an erasure"
                " runs."
            )
        found = {entity_id: wrapped for entity_id, wrapped, _ in rows}
        self.forget(set(ids) - found.keys())  # read earlier in this scope, destroyed since
        self.remember(found)

    def remember(self, wrapped_keys: Mapping[UUID, bytes]) -> None:
        """Take in keys that a query has read beside its rows."""
        if not wrapped_keys:
            return  # of an erased tenant there is no key to open them with
        tenant_key = self.tenant.root
        for entity_id, wrapped in wrapped_keys.items():
            if entity_id not in self.entity_keys:
                context = _context(b"entity", self.tenant_id, entity_id)
                self.entity_keys[entity_id] = unwrap(
                    bytes(wrapped), under=tenant_key, context=context
                )

    def forget(self, entity_ids: Iterable[UUID]) -> None:
        for entity_id in entity_ids:
            self.entity_keys.pop(entity_id, None)

    def create(self, entity_ids: Iterable[UUID]) -> None:
        """Make and store the keys of new entities."""
        rows = []
        for entity_id in entity_ids:
            key = Key.generate()
            context = _context(b"entity", self.tenant_id, entity_id)
            wrapped = wrap(key, under=self.tenant.root, context=context)
            rows.append(EntityKey(id=entity_id, wrapped=wrapped))
            self.entity_keys[entity_id] = key
        EntityKey.objects.bulk_create(rows)


@dataclass(frozen=True)
class TenantKeys:
    """What is derived from a tenant's key, each for one purpose."""

    root: Key

    @cached_property
    def sealing(self) -> Key:
        """Seals what belongs to no entity."""
        return self.root.derive(b"seal")

    @cached_property
    def tokens(self) -> Key:
        """Makes the keyed tokens by which sealed values are found."""
        return self.root.derive(b"tokens")


def current_ring() -> KeyRing:
    """The ring of the open scope; TenantScopeError outside one."""
    scope = current_scope()
    ring = scope.state.get(STATE)
    if ring is None:
        ring = scope.state[STATE] = KeyRing(scope.tenant_id)
    assert isinstance(ring, KeyRing)
    return ring


def _read_tenant_key() -> bytes:
    row = TenantKey.objects.first()
    if row is None:
        raise KeyDestroyed("The key of this tenant has been destroyed.")
    return bytes(row.wrapped)


def create_tenant_key() -> None:
    """Make the key of the scope's tenant."""
    tenant_id = current_scope().tenant_id
    context = _context(b"tenant", tenant_id, tenant_id)
    TenantKey.objects.create(wrapped=wrap(Key.generate(), under=read_master_key(), context=context))


def rewrap_tenant_key() -> bool:
    """Wrap the key of the scope's tenant under the present master key; False where it is already.

    Raises MasterKeyMismatch, and TenantKey.DoesNotExist. The audit event is the caller's.
    """
    row = TenantKey.objects.select_for_update().get()
    context = _context(b"tenant", row.tenant_id, row.tenant_id)
    master = read_master_key()
    try:
        master.open(bytes(row.wrapped), context)
    except SealBroken:
        key = unwrap_tenant_key(bytes(row.wrapped), context)
    else:
        return False
    row.wrapped = wrap(key, under=master, context=context)
    row.save(update_fields=["wrapped"])
    return True


def destroy_entity_keys(entity_ids: Iterable[UUID]) -> int:
    """Destroy these keys: from the commit on, no process reads or writes under them.

    Waits for the writers that hold one; answers how many were still there. Two statements. The
    audit event is the caller's.
    """
    ids = list(entity_ids)
    held = _hold_entity_keys(ids)
    EntityKey.objects.filter(id__in=held).update(wrapped=None, destroyed_at=timezone.now())
    current_ring().forget(ids)
    return len(held)


def close_entity_keys(entity_ids: Iterable[UUID]) -> None:
    """From the commit on nothing new is sealed for these. Waits for the writers that hold one."""
    held = _hold_entity_keys(entity_ids)
    EntityKey.objects.filter(id__in=held, closed_at=None).update(closed_at=timezone.now())


def open_entity_keys(entity_ids: Iterable[UUID]) -> None:
    """Take a closing back."""
    EntityKey.objects.filter(id__in=_hold_entity_keys(entity_ids)).update(closed_at=None)


def create_secret(name: str) -> None:
    """Make a random secret of the scope's tenant; an existing one stays."""
    ring = current_ring()
    context = _context(b"secret:" + name.encode(), ring.tenant_id, ring.tenant_id)
    wrapped = wrap(Key.generate(), under=ring.tenant.root, context=context)
    Secret.objects.get_or_create(name=name, defaults={"wrapped": wrapped})


def read_secret(name: str) -> Key:
    """The secret of the scope's tenant; Secret.DoesNotExist without one."""
    ring = current_ring()
    wrapped = Secret.objects.values_list("wrapped", flat=True).get(name=name)
    context = _context(b"secret:" + name.encode(), ring.tenant_id, ring.tenant_id)
    return unwrap(bytes(wrapped), under=ring.tenant.root, context=context)


def _hold_entity_keys(entity_ids: Iterable[UUID]) -> list[UUID]:
    """Those that are not destroyed, held until the commit, once no writer holds them any more."""
    live = EntityKey.objects.filter(id__in=list(entity_ids), wrapped__isnull=False)
    return list(live.order_by("id").select_for_update().values_list("id", flat=True))


def _context(kind: bytes, tenant_id: UUID, row_id: UUID) -> bytes:
    return b"key|" + kind + b"|" + tenant_id.bytes + row_id.bytes
