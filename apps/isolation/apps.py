from django.apps import AppConfig


class IsolationConfig(AppConfig):
    name = "apps.isolation"
    label = "isolation"

    def ready(self) -> None:
        from apps.isolation import checks  # noqa: F401 - its models need the applications
