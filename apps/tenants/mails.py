"""Letters to people who are invited. Nothing is sent where no mail server is configured."""

from smtplib import SMTPException

import structlog
from django.conf import settings
from django.core.mail import send_mail

from apps.telemetry.enums import Purpose
from apps.telemetry.outbound import note_call
from apps.tenants.models import Invitation

logger = structlog.get_logger("memoryhub.mail")

BODY = """\
You are invited to {tenant} on MemoryHub, as {role}.

{link}

The link works once, until {day}. Whoever has it can use it: do not pass it on.
"""


def mail_invitation(*, invitation: Invitation, link: str) -> bool:
    """Whether the mail server took it. Waits for that server: call it outside a transaction."""
    body = BODY.format(
        tenant=invitation.tenant,
        role=invitation.get_role_display().lower(),
        link=link,
        day=f"{invitation.expires_at:%-d %B %Y, %H:%M} UTC",
    )
    sent = len(body.encode())
    note_call(f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}", Purpose.INVITATIONS, sent=sent)
    try:
        send_mail("Invitation to MemoryHub", body, None, [invitation.email])
    except (OSError, SMTPException) as error:
        logger.error("mail not sent", error=type(error).__name__)  # noqa: TRY400
        return False
    return True
