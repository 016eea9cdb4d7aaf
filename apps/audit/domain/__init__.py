from apps.audit.domain.events import record

__all__ = ["record"]
