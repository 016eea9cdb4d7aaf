"""The whole document, made once in a process and only if somebody asks for it."""

from functools import cache
from typing import Any

import orjson

from apps.api.schema.shapes import Shape


@cache
def read_document() -> Shape:
    from drf_spectacular.generators import SchemaGenerator  # heavy: seldom needed

    generator: Any = SchemaGenerator
    return dict(generator().get_schema(public=True))


@cache
def write_document() -> bytes:
    return orjson.dumps(read_document())
