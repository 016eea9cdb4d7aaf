from __future__ import annotations

from django.urls import path, register_converter

from apps.dashboard.presenters.manual import TITLES
from apps.dashboard.views import (
    about,
    account,
    api_keys,
    audit,
    components,
    demo,
    entities,
    erasures,
    extraction,
    finds,
    governance,
    health,
    holdings,
    hosts,
    hygiene,
    isolation,
    jobs,
    list_exports,
    looks,
    manual,
    memories,
    memory_changes,
    memory_choices,
    operators,
    overview,
    playground,
    purges,
    redactions,
    requests,
    retention,
    telemetry,
    tenant_erasure,
    vectors,
    webhooks,
)
from apps.memories.enums import EntityKind
from apps.tenants.rules import Permission

AUDIT_VIEW, AUDIT_EXPORT = Permission.AUDIT_VIEW, Permission.AUDIT_EXPORT
AUDIT_REVEAL, AUDIT_CONFIGURE = Permission.AUDIT_REVEAL, Permission.AUDIT_CONFIGURE

app_name = "dashboard"


class KindConverter:
    regex = "|".join(EntityKind.values)

    def to_python(self, value: str) -> EntityKind:
        return EntityKind(value)

    def to_url(self, value: str) -> str:
        return EntityKind(value).value


class MoveConverter:
    regex = "|".join(requests.MOVES)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class PageConverter:
    regex = "|".join(TITLES)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PageConverter, "page")
register_converter(KindConverter, "kind")
register_converter(MoveConverter, "move")

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("find/", finds.find, name="find"),
    path("entities/", entities.entity_index, name="entity-list"),
    path("entities/<kind:kind>/", entities.entity_list, name="entity-list"),
    path("entities/<uuid:entity_id>/", entities.entity_detail, name="entity-detail"),
    path("entities/<uuid:entity_id>/reveal/", entities.entity_reveal, name="entity-reveal"),
    path(
        "entities/<uuid:entity_id>/messages/reveal/",
        holdings.messages_reveal,
        name="entity-messages-reveal",
    ),
    *(
        path(f"entities/<uuid:entity_id>/{tab}/", view, name=f"entity-{tab}")
        for tab, view in holdings.VIEWS.items()
    ),
    path("entities/<uuid:entity_id>/purge/", purges.entity_purge, name="entity-purge"),
    path("purges/<uuid:purge_id>/", purges.purge_detail, name="purge-detail"),
    path("memories/", memories.memory_list, name="memory-list"),
    path("memories/reveal/", memories.list_reveal, name="memory-list-reveal"),
    path("memories/export/", list_exports.list_export, name="memory-list-export"),
    path("exports/", list_exports.export_list, name="export-list"),
    path("exports/<uuid:export_id>/", list_exports.export_detail, name="export-detail"),
    path(
        "exports/<uuid:export_id>/download/", list_exports.export_download, name="export-download"
    ),
    path("exports/<uuid:export_id>/remove/", list_exports.export_remove, name="export-remove"),
    path("memories/chosen/delete/", memory_choices.chosen_delete, name="memory-chosen-delete"),
    path("memories/chosen/expire/", memory_choices.chosen_expire, name="memory-chosen-expire"),
    path("memories/<uuid:memory_id>/", memories.memory_detail, name="memory-detail"),
    path("memories/<uuid:memory_id>/correct/", requests.memory_correct, name="memory-correct"),
    path("memories/<uuid:memory_id>/reveal/", memories.memory_reveal, name="memory-reveal"),
    path("memories/<uuid:memory_id>/edit/", memory_changes.memory_edit, name="memory-edit"),
    path("memories/<uuid:memory_id>/expire/", memory_changes.memory_expire, name="memory-expire"),
    path("memories/<uuid:memory_id>/delete/", memory_changes.memory_delete, name="memory-delete"),
    path("playground/", playground.playground, name="playground"),
    path("playground/reveal/", playground.playground_reveal, name="playground-reveal"),
    path("entities/<uuid:entity_id>/erase/", erasures.entity_erase, name="entity-erase"),
    path("entities/<uuid:entity_id>/export/", erasures.entity_export, name="entity-export"),
    path("entities/<uuid:entity_id>/hold/", erasures.entity_hold, name="entity-hold"),
    path("extraction/", extraction.extraction, name="extraction"),
    path("extraction/hosts/", extraction.extraction_hosts, name="extraction-hosts"),
    path("extraction/try/", extraction.extraction_try, name="extraction-try"),
    path("jobs/", jobs.job_list, name="job-list"),
    path("jobs/<uuid:job_id>/", jobs.job_detail, name="job-detail"),
    path("jobs/<uuid:job_id>/reveal/", jobs.job_reveal, name="job-reveal"),
    path("jobs/<uuid:job_id>/retry/", jobs.job_retry, name="job-retry"),
    path("requests/", requests.request_list, name="request-list"),
    path("requests/settings/", requests.request_settings, name="request-settings"),
    path("retention/", retention.retention, name="retention"),
    path("requests/new/", requests.request_open, name="request-open"),
    path("requests/<uuid:request_id>/", requests.request_detail, name="request-detail"),
    path(
        "requests/<uuid:request_id>/certificate/",
        requests.request_certificate,
        name="request-certificate",
    ),
    path(
        "requests/<uuid:request_id>/download/", requests.request_download, name="request-download"
    ),
    path("requests/<uuid:request_id>/redact/", redactions.request_redact, name="request-redact"),
    path("requests/<uuid:request_id>/link/", requests.request_link, name="request-link"),
    path("requests/<uuid:request_id>/<move:move>/", requests.request_move, name="request-move"),
    path("audit/", audit.of_tenant(audit.event_list, AUDIT_VIEW), name="audit-list"),
    path("audit/verify/", audit.of_tenant(audit.trail_verify, AUDIT_VIEW), name="audit-verify"),
    path("audit/export/", audit.of_tenant(audit.trail_export, AUDIT_EXPORT), name="audit-export"),
    path("audit/reads/", audit.of_tenant(audit.reads_choose, AUDIT_CONFIGURE), name="audit-reads"),
    path(
        "audit/<uuid:event_id>/",
        audit.of_tenant(audit.event_detail, AUDIT_VIEW),
        name="audit-detail",
    ),
    path(
        "audit/<uuid:event_id>/reveal/",
        audit.of_tenant(audit.event_reveal, AUDIT_REVEAL),
        name="audit-reveal",
    ),
    *(
        path(f"instance/audit/{route}", audit.of_instance(act), name=f"instance-audit-{name}")
        for route, act, name in (
            ("", audit.event_list, "list"),
            ("verify/", audit.trail_verify, "verify"),
            ("export/", audit.trail_export, "export"),
            ("<uuid:event_id>/", audit.event_detail, "detail"),
            ("<uuid:event_id>/reveal/", audit.event_reveal, "reveal"),
        )
    ),
    path("keys/", api_keys.key_list, name="api-key-list"),
    path("keys/create/", api_keys.key_create, name="api-key-create"),
    path("keys/<uuid:key_id>/revoke/", api_keys.key_revoke, name="api-key-revoke"),
    path("webhooks/", webhooks.webhook_list, name="webhook-list"),
    path("webhooks/create/", webhooks.webhook_create, name="webhook-create"),
    path("webhooks/<uuid:webhook_id>/", webhooks.webhook_detail, name="webhook-detail"),
    path("webhooks/<uuid:webhook_id>/change/", webhooks.webhook_change, name="webhook-change"),
    path("webhooks/<uuid:webhook_id>/delete/", webhooks.webhook_delete, name="webhook-delete"),
    path("webhooks/<uuid:webhook_id>/test/", webhooks.webhook_test, name="webhook-test"),
    path(
        "webhooks/<uuid:webhook_id>/deliveries/<uuid:delivery_id>/retry/",
        webhooks.webhook_retry,
        name="webhook-retry",
    ),
    path("operators/", operators.operator_list, name="operator-list"),
    path("operators/invite/", operators.operator_invite, name="operator-invite"),
    path("operators/<uuid:operator_id>/role/", operators.operator_role, name="operator-role"),
    path("operators/<uuid:operator_id>/remove/", operators.operator_remove, name="operator-remove"),
    path(
        "operators/invitations/<uuid:invitation_id>/withdraw/",
        operators.invitation_withdraw,
        name="operator-withdraw",
    ),
    path("instance/tenants/", governance.tenant_list, name="instance-tenant-list"),
    path("instance/tenants/create/", governance.tenant_create, name="instance-tenant-create"),
    path("instance/tenants/<uuid:tenant_id>/", governance.tenant_rename, name="instance-tenant"),
    path("instance/operators/", governance.operator_list, name="instance-operator-list"),
    path(
        "instance/operators/<uuid:operator_id>/",
        governance.operator_detail,
        name="instance-operator",
    ),
    path("account/", account.account, name="account"),
    path("account/sessions/end/", account.sessions_end, name="account-sessions-end"),
    path("account/sessions/<int:session_id>/end/", account.session_end, name="account-session-end"),
    path("theme/", looks.theme_choose, name="theme"),
    path("tenant/", looks.tenant_choose, name="tenant-choose"),
    path("isolation/", isolation.isolation, name="isolation"),
    path("isolation/prove/", isolation.isolation_prove, name="isolation-prove"),
    path("leaving/", tenant_erasure.tenant_erase, name="tenant-erase"),
    path("leaving/copy/", tenant_erasure.tenant_copy, name="tenant-copy"),
    path("leaving/certificate/", tenant_erasure.tenant_certificate, name="tenant-certificate"),
    path("hygiene/", hygiene.hygiene, name="hygiene"),
    path("demo/", demo.demo_load, name="demo-load"),
    path("demo/remove/", demo.demo_remove, name="demo-remove"),
    path("about/", about.about, name="about"),
    path("help/", manual.manual, name="manual"),
    path("help/<page:slug>/", manual.manual_page, name="manual-page"),
    path("health/", health.health, name="health"),
    path("hosts/", hosts.host_list, name="host-list"),
    path("telemetry/", telemetry.telemetry_detail, name="telemetry"),
    path("telemetry/switch/", telemetry.telemetry_switch, name="telemetry-switch"),
    path("telemetry/rotate/", telemetry.telemetry_rotate, name="telemetry-rotate"),
    path("telemetry/delete/", telemetry.telemetry_delete, name="telemetry-delete"),
    path("telemetry/download/", telemetry.telemetry_download, name="telemetry-download"),
    path("telemetry/sent/<uuid:report_id>/", telemetry.report_detail, name="telemetry-report"),
    path("telemetry/sent/<uuid:report_id>/body/", telemetry.report_body, name="telemetry-body"),
    path("vectors/", vectors.vector_list, name="vector-list"),
    path("vectors/renew/", vectors.vectors_renew, name="vectors-renew"),
    path("components/", components.component_list, name="component-list"),
]
