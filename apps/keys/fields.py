"""The one field that memory text, metadata, categories and external ids go through.

In the database: AES-256-GCM ciphertext under the key of the row's `key_owner_id` (the tenant's key
where that is None), bound to tenant, entity, model, field and row. On the instance: the plain
value, opened when it is first read inside a scope.
"""

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, Protocol
from uuid import UUID

import orjson
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from apps.common.crypto import Key
from apps.keys.ring import current_ring

MISSING = object()


class Sealed(bytes):
    """Ciphertext on its way from the database to whoever reads it."""

    __slots__ = ()


class HasKeyOwner(Protocol):
    id: UUID
    tenant_id: UUID
    key_owner_id: UUID | None


class SealedAttribute(DeferredAttribute):
    """Opens the ciphertext at the first reading and keeps the plain value on the instance."""

    field: "SealedField"

    def __init__(self, field: "SealedField") -> None:
        super().__init__(field)
        self._name = field.attname

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        if instance is None:
            return self
        value = instance.__dict__.get(self._name, MISSING)
        if type(value) is Sealed:
            value = instance.__dict__[self._name] = self.field.open(instance, value)
        if value is not MISSING:
            return value
        super().__get__(instance, cls)  # reads a deferred field
        return self.__get__(instance, cls)

    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self._name] = value


class SealedField(models.BinaryField):  # type: ignore[type-arg]
    """Base of the sealed fields. Refuses `update(field=plain)`: only instances are sealed."""

    descriptor_class = SealedAttribute

    def to_bytes(self, value: Any) -> bytes:
        raise NotImplementedError

    def from_bytes(self, plain: bytes) -> Any:
        raise NotImplementedError

    def seal(self, instance: HasKeyOwner, value: Any) -> Sealed:
        key, context = self._key_and_context(instance)
        return Sealed(key.seal(self.to_bytes(value), context))

    def open(self, instance: HasKeyOwner, value: Sealed) -> Any:
        key, context = self._key_and_context(instance)
        return self.from_bytes(key.open(value, context))

    def open_own(self, rows: Iterable[tuple[UUID, bytes]]) -> Iterator[tuple[UUID, Any]]:
        """Ids with their plain values, of rows that own their keys. The keys are in the ring.

        Half of what instances cost: for where ten thousand are opened to find one.
        """
        ring = current_ring()
        tenant = ring.tenant_id.bytes
        for row_id, value in rows:
            own = row_id.bytes
            context = tenant + own + own + self._place
            yield row_id, self.from_bytes(ring.entity(row_id).open(value, context))

    def pre_save(self, model_instance: Any, add: bool) -> Sealed | None:  # noqa: ARG002, FBT001
        value = model_instance.__dict__.get(self.attname)
        if value is None or isinstance(value, Sealed):
            return value
        return self.seal(model_instance, value)

    def from_db_value(self, value: Any, *_: Any) -> Sealed | None:
        return None if value is None else Sealed(value)

    def get_prep_value(self, value: Any) -> Any:
        if value is None or isinstance(value, Sealed):
            return value
        raise TypeError(f"{self.name} is sealed per row: assign it to an instance and save.")

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:  # noqa: ARG002, FBT001, FBT002
        return bytes(value) if (value := self.get_prep_value(value)) is not None else None

    def _key_and_context(self, instance: HasKeyOwner) -> tuple[Key, bytes]:
        ring, owner, tenant = current_ring(), instance.key_owner_id, instance.tenant_id.bytes
        row = instance.id.bytes + self._place
        if owner is None:
            return ring.tenant.sealing, tenant + tenant + row
        return ring.entity(owner), tenant + owner.bytes + row

    @cached_property
    def _place(self) -> bytes:
        return f"{self.model._meta.label_lower}.{self.name}".encode()


class SealedTextField(SealedField):
    def to_bytes(self, value: str) -> bytes:
        return value.encode()

    def from_bytes(self, plain: bytes) -> str:
        return plain.decode()


class SealedJSONField(SealedField):
    def to_bytes(self, value: Any) -> bytes:
        return orjson.dumps(value)

    def from_bytes(self, plain: bytes) -> Any:
        return orjson.loads(plain)
