from __future__ import annotations

from django.urls import path, register_converter

from apps.dashboard.views import (
    components,
    entities,
    finds,
    hosts,
    isolation,
    looks,
    memories,
    overview,
    telemetry,
)
from apps.memories.enums import EntityKind

app_name = "dashboard"


class KindConverter:
    regex = "|".join(EntityKind.values)

    def to_python(self, value: str) -> EntityKind:
        return EntityKind(value)

    def to_url(self, value: str) -> str:
        return EntityKind(value).value


register_converter(KindConverter, "kind")

urlpatterns = [
    path("", overview.overview, name="overview"),
    path("find/", finds.find, name="find"),
    path("entities/", entities.entity_index, name="entity-list"),
    path("entities/<kind:kind>/", entities.entity_list, name="entity-list"),
    path("entities/<uuid:entity_id>/", entities.entity_detail, name="entity-detail"),
    path("memories/<uuid:memory_id>/", memories.memory_detail, name="memory-detail"),
    path("theme/", looks.theme_choose, name="theme"),
    path("tenant/", looks.tenant_choose, name="tenant-choose"),
    path("isolation/", isolation.isolation, name="isolation"),
    path("isolation/prove/", isolation.isolation_prove, name="isolation-prove"),
    path("hosts/", hosts.host_list, name="host-list"),
    path("telemetry/", telemetry.telemetry_detail, name="telemetry"),
    path("telemetry/switch/", telemetry.telemetry_switch, name="telemetry-switch"),
    path("telemetry/rotate/", telemetry.telemetry_rotate, name="telemetry-rotate"),
    path("telemetry/delete/", telemetry.telemetry_delete, name="telemetry-delete"),
    path("telemetry/download/", telemetry.telemetry_download, name="telemetry-download"),
    path("telemetry/sent/<uuid:report_id>/", telemetry.report_detail, name="telemetry-report"),
    path("telemetry/sent/<uuid:report_id>/body/", telemetry.report_body, name="telemetry-body"),
    path("components/", components.component_list, name="component-list"),
]
