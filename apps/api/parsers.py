"""Reads a JSON object of bounded size."""

import json
from collections.abc import Mapping
from typing import IO, Any

import orjson
from django.conf import settings
from rest_framework.parsers import BaseParser

from apps.common.errors import Invalid, TooLarge

CHUNK_BYTES, DRAINED_CHUNKS = 1_000_000, 64


class OrjsonParser(BaseParser):
    """Takes any content type: clients that forget the header still mean JSON."""

    media_type = "*/*"

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,  # noqa: ARG002
        parser_context: Mapping[str, Any] | None = None,  # noqa: ARG002
    ) -> dict[str, Any]:
        limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        raw = stream.read(limit + 1)
        if len(raw) > limit:
            drain(stream)
            raise TooLarge(f"The body must have at most {limit} bytes.", field="body")
        return parse_object(raw)


def drain(stream: IO[Any]) -> None:
    """Read on, within bounds: a client that can't finish sending doesn't read the answer."""
    for _ in range(DRAINED_CHUNKS):
        if not stream.read(CHUNK_BYTES):
            return


def parse_object(raw: bytes) -> dict[str, Any]:
    value = _parse(raw)
    if not isinstance(value, dict):
        raise Invalid("The body must be a JSON object.", field="body")
    return value


def _parse(raw: bytes) -> Any:
    """The standard library's parser lets lone surrogates through, so that their field is named."""
    try:
        return orjson.loads(raw)
    except ValueError:
        pass
    try:
        return json.loads(raw, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None


def _refuse_constant(name: str) -> None:
    raise ValueError(name)
