from apps.audit.domain.events import record
from apps.audit.domain.refusals import record_refusal, records_refusals

__all__ = ["record", "record_refusal", "records_refusals"]
