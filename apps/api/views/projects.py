"""The key's own tenant as a project of an organisation. A key never sees or makes another."""

from typing import Any, ClassVar, Never

from rest_framework.request import Request
from rest_framework.response import Response

from apps.api import reading
from apps.api.authentication import actor_of, body_of, key_of, tenant_id_of, tenant_of
from apps.api.presenting_projects import present_members, present_organisation, present_project
from apps.api.reading import Values
from apps.api.views.base import ScopedView
from apps.common.errors import Forbidden, Invalid, NotFound
from apps.memories.domain.projects import configure_project, read_project
from apps.memories.filters import check_text
from apps.tenants.domain.tenants import rename_tenant
from apps.tenants.enums import ApiScope
from apps.tenants.queries import list_memberships

TEXTS = ("description", "custom_instructions", "agent_custom_instructions", "memory_depth")
SWITCHES = ("multilingual", "decay", "enable_graph")
IGNORED = ("org_id", "project_id", "source")
LONGEST_TEXT = 10_000


class OwnView(ScopedView):
    """Answers for the organisation and the project of the key alone."""

    says_message = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        own = str(tenant_id_of(request))
        if kwargs.get("org_id", own) != own:
            raise NotFound("Organization not found!")
        if kwargs.get("project_id", own) != own:
            raise NotFound("Project not found!")

    def refuse(self) -> Never:
        raise Forbidden("Tenants and their members are managed by operators, not by API keys.")


class Organisations(OwnView):
    """/api/v1/orgs/organizations/: an array of one."""

    scopes: ClassVar = {"GET": ApiScope.READ, "POST": None}

    def get(self, request: Request) -> Response:
        return Response([present_organisation(tenant_of(request), _members(request, "user_id"))])

    def post(self, request: Request) -> Never:  # noqa: ARG002
        self.refuse()


class Organisation(OwnView):
    scopes: ClassVar = {"GET": ApiScope.READ, "DELETE": None}

    def get(self, request: Request, org_id: str) -> Response:  # noqa: ARG002
        return Response(present_organisation(tenant_of(request), _members(request, "user_id")))

    def delete(self, request: Request, org_id: str) -> Never:  # noqa: ARG002
        self.refuse()


class Members(OwnView):
    """Of the organisation and of the project, which are the same. Operators' addresses: `admin`."""

    scopes: ClassVar = {"GET": ApiScope.ADMIN, "POST": None, "PUT": None, "DELETE": None}

    def get(self, request: Request, **place: str) -> Response:
        name = "username" if "project_id" in place else "user_id"
        rows = _members(request, name)
        return Response({"members": [{name: row[name], "role": row["role"]} for row in rows]})

    def post(self, request: Request, **_: str) -> Never:  # noqa: ARG002
        self.refuse()

    def put(self, request: Request, **_: str) -> Never:  # noqa: ARG002
        self.refuse()

    def delete(self, request: Request, **_: str) -> Never:  # noqa: ARG002
        self.refuse()


class Projects(OwnView):
    scopes: ClassVar = {"GET": ApiScope.READ, "POST": None}

    def get(self, request: Request, org_id: str) -> Response:  # noqa: ARG002
        return Response([_present(request)])

    def post(self, request: Request, org_id: str) -> Never:  # noqa: ARG002
        self.refuse()


class ProjectDetail(OwnView):
    scopes: ClassVar = {"GET": ApiScope.READ, "PATCH": ApiScope.ADMIN, "DELETE": None}

    def get(self, request: Request, **_: str) -> Response:
        return Response(_present(request))

    def patch(self, request: Request, **_: str) -> Response:
        name, values = read_changes(body_of(request))
        if name is not None:
            rename_tenant(tenant=tenant_of(request), name=name, by=actor_of(request))
        if values:
            configure_project(tenant_id=tenant_id_of(request), values=values, by=actor_of(request))
        return Response({"message": "Project updated successfully"})

    def delete(self, request: Request, **_: str) -> Never:  # noqa: ARG002
        self.refuse()


def read_changes(body: Values) -> tuple[str | None, dict[str, Any]]:
    """A new name if there is one, and what else is set. An empty text clears."""
    readers = {
        **dict.fromkeys(TEXTS, _read_text),
        **dict.fromkeys(SWITCHES, lambda body, name: reading.read_bool(body, name, default=False)),
        "custom_categories": _read_categories,
        "usecase_setting": _read_text,
        "version": _read_text,
    }
    unknown = body.keys() - readers.keys() - {"name", *IGNORED}
    if unknown:
        raise Invalid(f"{min(unknown)} can't be set.", field=min(unknown))
    name = reading.read_text(body, "name") if body.get("name") is not None else None
    values = {field: readers[field](body, field) for field in body.keys() & readers.keys()}
    if name is None and not values:
        raise Invalid("Give at least one thing to change.", field="name")
    if "usecase_setting" in values:
        values["usecase"] = values.pop("usecase_setting")
    return name, values


def _read_text(body: Values, name: str) -> str | None:
    return reading.read_optional(body, name, limit=LONGEST_TEXT)


def _read_categories(body: Values, name: str) -> list[dict[str, str]] | None:
    """`[{name: description}]` or bare names; null or an empty list clears."""
    items = [
        {item: ""} if isinstance(item, str) else item
        for item in reading.read_list(body, name) or ()
    ]
    if len(items) > reading.MOST_NAMES or not all(_is_category(item) for item in items):
        raise Invalid(
            f"{name} must be a list of at most {reading.MOST_NAMES} names or"
            " {name: description}.",
            field=name,
        )
    for item in items:
        for text in (*item, *item.values()):
            check_text(text, field=name, limit=LONGEST_TEXT)
    return items or None


def _is_category(item: Any) -> bool:
    return (
        isinstance(item, dict)
        and bool(item)
        and all(key and isinstance(value, str) for key, value in item.items())
    )


def _present(request: Request) -> dict[str, Any]:
    values = read_project(tenant_id_of(request))
    return present_project(tenant_of(request), values, _members(request, "username"))


def _members(request: Request, name: str) -> list[dict[str, Any]]:
    """Who they are is told to administrators' keys only."""
    if ApiScope.ADMIN not in key_of(request).scopes:
        return []
    return present_members(list_memberships(tenant_of(request)), name=name)
