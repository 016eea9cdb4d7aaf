"""A tenant as the project and the organisation that the wire knows."""

from collections.abc import Iterable, Mapping
from typing import Any

from apps.tenants.enums import Role
from apps.tenants.models import Membership, Tenant

Json = dict[str, Any]

UNSET: Json = {
    "description": None,
    "custom_instructions": None,
    "agent_custom_instructions": None,
    "custom_categories": None,
    "multilingual": False,
    "decay": False,
    "memory_depth": None,
    "usecase": None,
    "version": "v3",
    "enable_graph": False,
    "expiration_date": None,
    "inclusion_prompt": None,
    "exclusion_prompt": None,
    "update_custom_instructions": None,
    "summary_custom_instructions": None,
    "summary_batch_size": None,
    "summary_max_tokens": None,
    "active_prompt_profile": None,
}


def present_project(tenant: Tenant, values: Mapping[str, Any], members: list[Json]) -> Json:
    updated_at = values.get("updated_at") or tenant.created_at
    return {
        "project_id": str(tenant.id),
        "name": tenant.name,
        "created_at": tenant.created_at,
        "updated_at": updated_at,
        "members": members,
        "is_default": True,
        "user_role": "OWNER" if members else "READER",
        **UNSET,
        **{name: value for name, value in values.items() if name in UNSET},
    }


def present_organisation(tenant: Tenant, members: list[Json]) -> Json:
    return {
        "org_id": str(tenant.id),
        "name": tenant.name,
        "created_at": tenant.created_at,
        "updated_at": tenant.created_at,
        "members": members,
        "is_default": True,
        "byok_enabled": False,
        "invitations": [],
        "owner_pricing_plan": None,
        "is_owner": bool(members),
        "user_role": "OWNER" if members else "READER",
    }


def present_members(memberships: Iterable[Membership], *, name: str) -> list[Json]:
    """`name` is what the wire calls who it is: `username` or `user_id`."""
    return [
        {
            name: membership.operator.email,
            "role": "OWNER" if membership.role == Role.OWNER else "READER",
            "email": membership.operator.email,
        }
        for membership in memberships
    ]
