"""Turns the tables into OpenAPI. drf-spectacular walks the routes and asks for each operation."""

import re
from typing import Any

from drf_spectacular.openapi import AutoSchema

from apps.api.schema import own, wire
from apps.api.schema.bodies import BODIES
from apps.api.schema.components import SCHEMAS
from apps.api.schema.operations import Operation, Parameter, Table
from apps.api.schema.parameters import PATHS
from apps.api.schema.shapes import COUNT, TEXT, Shape, ref

TAGS: dict[str, Table] = {
    "Memories": wire.MEMORIES,
    "Recall for prompts": own.RECALL,
    "Entities": wire.ENTITY,
    "Jobs and counts": wire.JOBS,
    "Projects and webhooks": wire.PROJECTS,
    "Privacy requests": own.REQUESTS,
    "Tenant and keys": own.TENANT,
    "Audit": own.AUDIT,
    "Telemetry": own.TELEMETRY,
    "mem0's own server": wire.OPEN_SOURCE,
    "Agents": wire.MCP,
}
OPERATIONS = {view: operations for table in TAGS.values() for view, operations in table.items()}
TAG_OF = {view: tag for tag, table in TAGS.items() for view in table}

REFUSALS = {
    400: "What was sent is not understood, or not allowed; `field` names the part.",
    401: "There is no key, or it is wrong, expired or revoked.",
    403: "The key lacks the scope, or a person's data is restricted.",
    404: "There is no such thing in the key's tenant.",
    409: "The state of things forbids it now.",
    413: "The body is too large.",
    429: "Too many requests; `Retry-After` says for how long.",
    503: "An outside service that is needed did not answer.",
}
ALWAYS = (400, 401, 403, 404, 429, 503)
KEYS = ("token", "bearer", "apiKey")


class TableSchema(AutoSchema):
    """Says of a view's method what the table says, and what holds for all of them."""

    def get_operation(
        self,
        path: str,
        path_regex: str,  # noqa: ARG002
        path_prefix: str,  # noqa: ARG002
        method: str,
        registry: Any,  # noqa: ARG002
    ) -> Shape:
        view = type(self.view)
        return describe(OPERATIONS[view][method], path=path, method=method, view=view)


def describe(operation: Operation, *, path: str, method: str, view: Any) -> Shape:
    parameters = [*list_path_parameters(path), *map(write_parameter, operation.parameters)]
    shape: Shape = {
        "operationId": name_operation(path, method),
        "summary": operation.summary,
        "description": say_more(operation, view.scopes[method]),
        "tags": [TAG_OF[view]],
        **({"parameters": parameters} if parameters else {}),
        "responses": list_responses(operation, method),
    }
    if operation.body:
        shape["requestBody"] = {"required": True, "content": as_json(ref(operation.body))}
    if operation.is_deprecated:
        shape["deprecated"] = True
    return shape


def say_more(operation: Operation, scope: str | None) -> str:
    needs = f"Needs the scope `{scope}`." if scope else "Any key may ask."
    return f"{operation.about}\n\n{needs}".strip()


def name_operation(path: str, method: str) -> str:
    """From the path alone, so that it never changes; two paths differ in their last slash."""
    words = re.sub(r"[^a-z0-9]+", "_", path.lower()).strip("_")
    return f"{method.lower()}_{words}" + ("" if path.endswith("/") else "_bare")


def list_path_parameters(path: str) -> list[Shape]:
    return [
        write_parameter(Parameter(name, PATHS.get(name, ID), place="path", is_required=True))
        for name in re.findall(r"{(\w+)}", path)
    ]


ID: Shape = {**TEXT, "minLength": 1}


def write_parameter(parameter: Parameter) -> Shape:
    shape: Shape = {"name": parameter.name, "in": parameter.place, "schema": parameter.shape}
    if parameter.about:
        shape["description"] = parameter.about
    if parameter.is_required:
        shape["required"] = True
    return shape


def list_responses(operation: Operation, method: str) -> Shape:
    statuses = {*ALWAYS, *((413,) if operation.body else ()), *((409,) if method != "GET" else ())}
    refusals = {str(status): {"$ref": f"#/components/responses/{status}"} for status in statuses}
    if operation.answer is None:
        return dict(sorted(refusals.items()))
    others = {str(status): shape for status, shape in operation.others.items()}
    done: Shape = {
        "description": "Done." if operation.status == OK else "Made.",
        "content": {operation.media: {"schema": operation.answer}},
    }
    return dict(sorted({str(operation.status): done, **refusals, **others}.items()))


OK, TOO_MANY = 200, 429
LIMITS = {
    "Retry-After": "Seconds until there may be a request again.",
    "X-RateLimit-Limit": "Requests a minute; all answers have this header where a limit is set.",
    "X-RateLimit-Remaining": "How many of them are left.",
    "X-RateLimit-Reset": "Seconds until there are more.",
}


def as_json(schema: Shape) -> Shape:
    return {"application/json": {"schema": schema}}


def complete(result: Shape, **_: Any) -> Shape:
    """What no view says: the components, and the paths for load balancers."""
    result["components"] = {
        "schemas": dict(sorted({**SCHEMAS, **BODIES}.items())),
        "responses": {
            str(status): write_refusal(status, about) for status, about in REFUSALS.items()
        },
        "securitySchemes": {
            "token": write_key("Authorization", "`Token KEY`"),
            "bearer": {"type": "http", "scheme": "bearer"},
            "apiKey": write_key("X-API-Key", "`KEY`"),
        },
    }
    result["security"] = [{key: []} for key in KEYS]
    result["tags"] = [{"name": tag} for tag in (*TAGS, HEALTH)]
    result["paths"] |= {"/healthz": plain("The process answers"), "/readyz": readiness()}
    return result


def write_refusal(status: int, about: str) -> Shape:
    shape: Shape = {"description": about, "content": as_json(ref("Error"))}
    if status == TOO_MANY:
        shape["headers"] = {
            name: {"description": said, "schema": COUNT} for name, said in LIMITS.items()
        }
    return shape


def write_key(header: str, form: str) -> Shape:
    return {"type": "apiKey", "in": "header", "name": header, "description": form}


HEALTH = "Health"


def plain(summary: str) -> Shape:
    said = {"description": "Yes.", "content": {"text/plain": {"schema": TEXT}}}
    return {
        "get": {
            "operationId": f"get_{summary.split()[1]}",
            "summary": summary,
            "tags": [HEALTH],
            "security": [],
            "responses": {"200": said},
        }
    }


def readiness() -> Shape:
    shape = plain("It is ready to serve")
    said = shape["get"]["responses"]["200"]
    shape["get"]["responses"]["503"] = {**said, "description": "Not now."}
    return shape
