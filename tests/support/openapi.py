"""Every answer that a test gets from the API is compared with what the OpenAPI document says.

Here objects hold nothing that is not described, so that what is added must be described too.
"""

import re
from functools import cache

import jsonschema_rs
from django.urls import Resolver404

from apps.api.schema.document import read_document

UNDESCRIBED = (405, 500)  # a test that makes the server fail asserts so itself
NO_METHOD = 401


def check_answer(method, answer):
    """Raises AssertionError for a status or a body that is not described."""
    route = find_route(answer)
    operations = read_document()["paths"].get(to_path(route)) if route else None
    if not operations or answer.status_code in UNDESCRIBED:
        return
    if method.lower() not in operations:
        assert answer.status_code == NO_METHOD, f"{method} {route} is not described"
        return
    said = f"{method} {route} answers {answer.status_code}"
    response = operations[method.lower()]["responses"].get(str(answer.status_code))
    assert response, f"{said}, which is not described"
    validator = make_validator(to_path(route), method.lower(), str(answer.status_code))
    if validator and answer.content:
        errors = [
            f"{list(error.instance_path)}: {error.message}"
            for error in validator.iter_errors(answer.json())
        ]
        assert not errors, f"{said}, but {errors}"


def find_route(answer):
    """None for a path of no route: what is sent to `//v1/ping/` is resolved otherwise here."""
    try:
        return answer.resolver_match.route
    except (AttributeError, Resolver404):
        return None


def to_path(route):
    return "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route)


@cache
def make_validator(path, method, status):
    """None where the answer is no JSON."""
    document = closed()
    response = document["paths"][path][method]["responses"][status]
    if "$ref" in response:
        response = document["components"]["responses"][status]
    shape = response.get("content", {}).get("application/json", {}).get("schema")
    if shape is None:
        return None
    whole = {**shape, "components": {"schemas": document["components"]["schemas"]}}
    return jsonschema_rs.Draft202012Validator(whole, validate_formats=True)


@cache
def closed():
    return close(read_document())


def close(part):
    if isinstance(part, list):
        return [close(item) for item in part]
    if not isinstance(part, dict):
        return part
    shut = {name: close(item) for name, item in part.items()}
    if part.get("type") == "object" and "properties" in part:
        shut.setdefault("additionalProperties", False)
    return shut
