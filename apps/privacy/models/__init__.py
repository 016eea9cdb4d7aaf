"""Requests of the people whom memories are about, and what comes of them."""

from apps.privacy.models.due import PrivacyDue
from apps.privacy.models.links import SubjectLink
from apps.privacy.models.particulars import Particulars
from apps.privacy.models.requests import Certificate, Note, Request, SubjectCopy
from apps.privacy.models.selections import ListExport, Purge

__all__ = [
    "Certificate",
    "ListExport",
    "Note",
    "Particulars",
    "PrivacyDue",
    "Purge",
    "Request",
    "SubjectCopy",
    "SubjectLink",
]
