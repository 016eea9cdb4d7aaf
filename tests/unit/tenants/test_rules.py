import pytest

from apps.accounts.models import Operator
from apps.tenants.enums import Role
from apps.tenants.rules import INSTANCE_PERMISSIONS, TENANT_PERMISSIONS, Permission, is_allowed

EVERYONE = {Role.OWNER, Role.PRIVACY_OFFICER, Role.EDITOR, Role.VIEWER}
OVERSEERS = {Role.OWNER, Role.PRIVACY_OFFICER}
OWNERS = {Role.OWNER}
EDITORS = EVERYONE - {Role.VIEWER}
EXPECTED = {  # None: instance owners only, whatever their role
    Permission.ACCOUNT_USE: EVERYONE,
    Permission.MANUAL_VIEW: EVERYONE,
    Permission.OVERVIEW_VIEW: EVERYONE,
    Permission.ENTITY_VIEW: EVERYONE,
    Permission.MEMORY_VIEW: EVERYONE,
    Permission.MEMORY_REVEAL: EDITORS,
    Permission.MEMORY_PURGE: OVERSEERS,
    Permission.MEMORY_CHANGE: EDITORS,
    Permission.MEMORY_DELETE: EDITORS,
    Permission.PLAYGROUND_USE: EDITORS,
    Permission.REQUEST_VIEW: OVERSEERS,
    Permission.REQUEST_HANDLE: OVERSEERS,
    Permission.REQUEST_CONFIGURE: OVERSEERS,
    Permission.AUDIT_VIEW: OVERSEERS,
    Permission.AUDIT_REVEAL: OVERSEERS,
    Permission.AUDIT_EXPORT: OVERSEERS,
    Permission.AUDIT_CONFIGURE: OVERSEERS,
    Permission.APIKEY_VIEW: OVERSEERS,
    Permission.APIKEY_MANAGE: OWNERS,
    Permission.WEBHOOK_VIEW: OVERSEERS,
    Permission.WEBHOOK_MANAGE: OWNERS,
    Permission.EXTRACTION_VIEW: OVERSEERS,
    Permission.EXTRACTION_CONFIGURE: OWNERS,
    Permission.JOB_VIEW: EVERYONE,
    Permission.JOB_RETRY: {Role.OWNER, Role.EDITOR},
    Permission.OPERATOR_VIEW: OVERSEERS,
    Permission.OPERATOR_MANAGE: OWNERS,
    Permission.HOSTS_VIEW: OVERSEERS,
    Permission.HYGIENE_CONFIGURE: OVERSEERS,
    Permission.TENANT_ERASE: OWNERS,
    Permission.COMPONENTS_VIEW: None,
    Permission.HEALTH_VIEW: None,
    Permission.ABOUT_VIEW: None,
    Permission.INSTANCE_AUDIT: None,
    Permission.ISOLATION_VIEW: None,
    Permission.ISOLATION_PROVE: None,
    Permission.OPERATOR_GOVERN: None,
    Permission.TENANT_GOVERN: None,
    Permission.TELEMETRY_MANAGE: None,
    Permission.VECTORS_RENEW: None,
}


def test_table_decides_every_permission_once():
    assert set(Permission) == TENANT_PERMISSIONS.keys() | INSTANCE_PERMISSIONS
    assert TENANT_PERMISSIONS.keys() & INSTANCE_PERMISSIONS == set()


@pytest.mark.parametrize("is_owner", [False, True])
@pytest.mark.parametrize("role", [None, *Role])
@pytest.mark.parametrize("permission", Permission)
def test_permission_is_decided_for_each_role(permission, role, is_owner):
    roles = EXPECTED[permission]

    answer = is_allowed(permission, operator=Operator(is_instance_owner=is_owner), role=role)

    is_personal = permission in {Permission.ACCOUNT_USE, Permission.MANUAL_VIEW}
    assert answer is (is_owner if roles is None else role in roles or (is_personal and is_owner))


def test_no_role_is_no_permission():
    operator = Operator(is_instance_owner=False)

    assert [p for p in Permission if is_allowed(p, operator=operator, role=None)] == []
