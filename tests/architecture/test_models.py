"""Every table belongs to a tenant, or is known to be global."""

from django.apps import apps

from apps.isolation.models import TenantForeignKey, TenantManager, TenantOwned
from apps.keys.fields import SealedField

GLOBAL = {
    "accounts.Operator": "signs in before a tenant is chosen",
    "accounts.Tally": "tries at signing in, before anybody is known",
    "tenants.Tenant": "the boundary itself",
    "tenants.Membership": "says which tenants an operator may choose",
    "tenants.Invitation": "lets somebody in who is not in the tenant yet",
    "tenants.ApiKey": "says which tenant calls",
    "audit.AuditDue": "which tenants' trails have something to be done, by ids only",
    "memories.JournalLine": "hashes of what was deleted, until they are copied to a file",
    "memories.JobDue": "when to look at which job, by ids only",
    "memories.Renewal": "how far work on a tenant's vectors is: ids, counts and times",
    "privacy.SubjectLink": "hashes of links by which people follow a request, before a tenant",
    "privacy.PrivacyDue": "which tenants' requests wait for something, by ids and times only",
    "memories.EmbeddingModel": "the installation's model, no tenant's",
    "operations.IsolationProof": "counts and states of the instance's last proof",
    "telemetry.OutboundHost": "other hosts, by tenant; a query is bound to the tenants it may show",
    "telemetry.OutboxEvent": "reports of the installation: words of the catalogue, no tenant's data",
    "telemetry.SentReport": "the same, as it was sent",
    "telemetry.Tally": "counts of the installation",
    "telemetry.TelemetryState": "the instance owner's switch",
    "account.EmailAddress": "an operator's address, of allauth",
    "account.EmailConfirmation": "of such an address; unused while ACCOUNT_EMAIL_VERIFICATION is none",
    "mfa.Authenticator": "an operator's second factor; its secret is sealed under the instance's key",
    "usersessions.UserSession": "a browser of an operator",
    "socialaccount.SocialAccount": "an operator's identity at the provider of single sign-on",
    "socialaccount.SocialApp": "unused: the provider stands in the settings",
    "socialaccount.SocialToken": "unused: no token of the provider is kept",
    "auth.Group": "Django's; unused: roles are in Membership",
    "auth.Group_permissions": "Django's; unused",
    "auth.Permission": "Django's; unused: see tenants/rules.py",
    "contenttypes.ContentType": "names of models",
    "sessions.Session": "an operator's sign-in, before a tenant is chosen",
}
ALL = apps.get_models(include_auto_created=True)
OWN = [model for model in apps.get_models() if model.__module__.startswith("apps.")]
OWNED = [model for model in OWN if issubclass(model, TenantOwned)]


def test_every_model_is_a_tenants_or_listed_as_global():
    """Django's and allauth's too: whoever installs an app says why its rows are nobody's."""
    found = {model._meta.label for model in ALL if model not in OWNED}

    assert found == GLOBAL.keys()
    assert {model._meta.app_config.name.partition(".")[0] for model in OWNED} == {"apps"}


def test_no_global_model_refers_to_a_tenants_row():
    """Not even by a plain column: a join to a tenant's table starts at one of that tenant."""
    owned = {model._meta.model_name for model in OWNED}

    found = [
        str(field)
        for model in ALL
        if model not in OWNED
        for field in model._meta.local_fields
        if (model in OWN and field.name.removesuffix("_id") in owned)
        or (field.is_relation and field.related_model in OWNED)
    ]

    assert found == []


def test_every_manager_of_a_tenants_model_filters():
    wrong = [
        f"{model._meta.label}.{manager.name}"
        for model in OWNED
        for manager in model._meta.managers
        if not isinstance(manager, TenantManager)
    ]

    assert wrong == []
    assert {model._meta.base_manager_name for model in OWNED} == {"objects"}


def test_every_reference_between_tenants_models_stays_in_the_tenant():
    wrong = [
        str(field)
        for model in OWNED
        for field in model._meta.local_fields
        if field.is_relation
        and issubclass(field.related_model, TenantOwned)
        and not isinstance(field, TenantForeignKey)
    ]

    assert wrong == []


def test_no_tenants_model_has_many_to_many_or_parents():
    assert [
        model._meta.label for model in OWNED if model._meta.many_to_many or model._meta.parents
    ] == []


def test_every_text_of_a_tenants_model_is_sealed_or_listed():
    """What is readable in the database. Whoever adds to it says why here."""
    readable = {
        "audit.AuditEvent.action",  # of the catalogue
        "audit.AuditEvent.actor_kind",  # an enum
        "audit.AuditEvent.facts",  # counts, enums and our own ids
        "audit.AuditEvent.outcome",  # an enum
        "audit.AuditEvent.request_id",  # ours
        "audit.AuditAnchor.place",  # an enum
        "audit.AuditCheck.state",  # numbers, hashes and enums
        "audit.AuditCheckpoint.key_id",  # part of a hash of a public key
        "keys.Secret.name",  # ours
        "memories.BlockedId.kind",  # an enum
        "memories.Delivery.error",  # an enum
        "memories.Delivery.event",  # an enum
        "memories.Delivery.state",  # an enum
        "memories.Entity.kind",  # an enum
        "memories.Job.actor_kind",  # an enum
        "memories.Job.error",  # an enum
        "memories.Job.kind",  # an enum
        "memories.Job.made_of",  # our own ids, times and a count
        "memories.Job.results",  # our own ids and enums
        "memories.Job.state",  # an enum
        "memories.Message.role",  # an enum
        "memories.Feedback.verdict",  # an enum
        "memories.Memory.role",  # an enum
        "memories.Version.event",  # an enum
        "privacy.Certificate.document",  # counts, times, our ids, a signature
        "privacy.ListExport.failure",  # the name of a class
        "privacy.ListExport.state",  # an enum
        "privacy.Particulars.terms",  # numbers and enums
        "privacy.Request.failure",  # the name of a class, or a word of ours
        "privacy.Request.identity_check",  # an enum
        "privacy.Purge.state",  # an enum
        "privacy.Purge.subject_kind",  # an enum
        "privacy.Request.kind",  # an enum
        "privacy.Request.progress",  # counts, times, our ids
        "privacy.Request.refusal",  # an enum
        "privacy.Request.state",  # an enum
        "privacy.Request.subject_kind",  # an enum
        "privacy.Request.via",  # an enum
        "privacy.SubjectCopy.sha256",  # of a file that goes with the row
    }
    kinds = {"CharField", "TextField", "JSONField", "EmailField", "SlugField", "URLField"}

    found = {
        f"{model._meta.label}.{field.name}"
        for model in OWNED
        for field in model._meta.local_fields
        if field.get_internal_type() in kinds and not isinstance(field, SealedField)
    }

    assert found == readable
