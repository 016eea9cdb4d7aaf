"""All settings. Every value comes from the environment; .env.example documents them."""

from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from apps.common import secret_files
from memoryhub import database, env
from memoryhub.embedded import layout, valkey
from memoryhub.logging import LOGGING as LOGGING  # noqa: PLC0414 - Django reads it here

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = layout.data_dir()
VERSION = "0.1.0"

# Where it listens
HOST = env.read_text("HOST", "127.0.0.1")
PORT = env.read_int("PORT", 8000, low=1, high=65535)
IS_INSECURE = env.read_bool("MEMORYHUB_INSECURE", default=False)
PROXY_HEADER = env.read_text("HTTPS_PROXY_HEADER")  # e.g. X-Forwarded-Proto, set by your proxy
IS_LOOPBACK = HOST in {"127.0.0.1", "localhost", "::1"}
LOOPBACK_HOSTS = ("127.0.0.1", "localhost", "[::1]")
ALLOWED_HOSTS = env.read_list("ALLOWED_HOSTS", LOOPBACK_HOSTS if IS_LOOPBACK else ())
CSRF_TRUSTED_ORIGINS = env.read_list("CSRF_TRUSTED_ORIGINS")

# Secrets
DEBUG = False
SECRET_KEY = env.read_secret("SECRET_KEY") or secret_files.read_or_make(DATA_DIR, "secret_key")
MASTER_KEY = secret_files.parse_key("MEMORYHUB_MASTER_KEY", env.read_secret("MEMORYHUB_MASTER_KEY"))
MASTER_KEY_PREVIOUS = secret_files.parse_key(
    "MEMORYHUB_MASTER_KEY_PREVIOUS", env.read_secret("MEMORYHUB_MASTER_KEY_PREVIOUS")
)
MASTER_KEY_PATH = DATA_DIR / "keys" / "master_key"

# Database and broker
DATABASES = database.configure(DATA_DIR)
DATABASE_ADDRESSES = database.addresses(
    DATA_DIR
)  # for psql: the application's, the administrator's
DATABASE_PREPARES = database.PREPARES
IS_DATABASE_EMBEDDED = layout.is_embedded("DATABASE_URL")
IS_BROKER_EMBEDDED = layout.is_embedded("CELERY_BROKER_URL")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CELERY_BROKER_URL = env.read_secret("CELERY_BROKER_URL") or valkey.url(DATA_DIR)
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 45,  # what a dead worker had taken is brought again within a minute
    "unacked_restore_interval": 2,
    "unacked_restore_throttle": 1,
    "max_retries": 0,  # of connecting, to send: a job that can't be sent is swept up later
    "socket_connect_timeout": 0.5,
    "socket_timeout": 1,  # of a broker that hangs; workers are more patient: see celery.py
}

CACHES = {"default": {"BACKEND": "apps.accounts.tallies.TallyCache"}}  # counts tries at signing in

# Applications
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django_htmx",
    "rest_framework",
    "drf_spectacular",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "apps.isolation",
    "apps.keys",
    "apps.audit",
    "apps.telemetry",
    "apps.accounts",
    "apps.tenants",
    "apps.memories",
    "apps.privacy",
    "apps.operations",
    "apps.api",
    "apps.dashboard",
]

MIDDLEWARE = [
    "apps.common.middleware.RequestContextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apps.dashboard.middleware.TenantMiddleware",
]
API_PREFIXES = (
    *("/v1/", "/v2/", "/v3/", "/api/v1/", "/memories", "/search", "/mcp"),
    *("/healthz", "/readyz"),
)
API_MIDDLEWARE = MIDDLEWARE[:2]  # applications bring no cookies: see wsgi.py
ROOT_URLCONF = "memoryhub.urls"
WSGI_APPLICATION = "memoryhub.wsgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "apps.dashboard.context_processors.dashboard",
            ],
        },
    }
]
APPEND_SLASH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = env.read_int("MAX_BODY_BYTES", 5_000_000, low=1_000)

# Sign-in
AUTH_USER_MODEL = "accounts.Operator"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
ACCOUNT_ADAPTER = "apps.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "apps.dashboard.forms.sign_in.SignInForm",
    "change_password": "apps.dashboard.forms.sign_in.PasswordForm",
    "reauthenticate": "apps.dashboard.forms.sign_in.ConfirmForm",
}
CSRF_FAILURE_VIEW = "apps.dashboard.views.errors.csrf_failed"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60  # seconds; for how long a sign-in is recent
MFA_ADAPTER = "apps.accounts.factors.FactorAdapter"
MFA_FORMS = {
    "authenticate": "apps.dashboard.forms.factors.CodeForm",
    "reauthenticate": "apps.dashboard.forms.factors.ConfirmCodeForm",
    "activate_totp": "apps.dashboard.forms.factors.AppForm",
    "add_webauthn": "apps.dashboard.forms.factors.PasskeyForm",
}
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_TOLERANCE = 1  # steps of half a minute by which a telephone's clock may be wrong
USERSESSIONS_TRACK_ACTIVITY = False
ALLAUTH_TRUSTED_PROXY_COUNT = env.read_int("TRUSTED_PROXIES", 0, high=10)
OIDC_ISSUER_URL = env.read_hook("OIDC_ISSUER_URL").rstrip("/")
HAS_SINGLE_SIGN_ON = bool(OIDC_ISSUER_URL)
SINGLE_SIGN_ON_NAME = env.read_text("OIDC_NAME", "single sign-on")
SOCIALACCOUNT_ADAPTER = "apps.accounts.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_PROVIDERS: dict[str, Any] = {"openid_connect": {"APPS": []}}
if HAS_SINGLE_SIGN_ON:
    if not env.read_text("OIDC_CLIENT_ID"):
        raise ImproperlyConfigured("OIDC_ISSUER_URL is set: set OIDC_CLIENT_ID as well.")
    SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"].append(
        {
            "provider_id": "sso",
            "name": SINGLE_SIGN_ON_NAME,
            "client_id": env.read_text("OIDC_CLIENT_ID"),
            "secret": env.read_secret("OIDC_CLIENT_SECRET") or "",
            "settings": {
                "server_url": OIDC_ISSUER_URL,
                "oauth_pkce_enabled": True,
                "verified_email": env.read_bool("OIDC_TRUST_EMAIL", default=False),
            },
        }
    )
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/dashboard/"
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"

# Mail: for invitations, where an operator wants one sent
EMAIL_HOST = env.read_text("SMTP_HOST")
EMAIL_PORT = env.read_int("SMTP_PORT", 587, low=1, high=65535)
EMAIL_HOST_USER = env.read_text("SMTP_USER")
EMAIL_HOST_PASSWORD = env.read_secret("SMTP_PASSWORD") or ""
SMTP_SECURITY = env.read_choice("SMTP_SECURITY", "starttls", ("starttls", "tls", "none"))
EMAIL_USE_TLS, EMAIL_USE_SSL = SMTP_SECURITY == "starttls", SMTP_SECURITY == "tls"
EMAIL_TIMEOUT = 10  # seconds
DEFAULT_FROM_EMAIL = env.read_text("MAIL_FROM")
HAS_MAIL = bool(EMAIL_HOST)
if HAS_MAIL and not DEFAULT_FROM_EMAIL:
    raise ImproperlyConfigured("SMTP_HOST is set: set MAIL_FROM, the sender's address, as well.")

# Browser
IS_HTTPS = bool(PROXY_HEADER)
if PROXY_HEADER:
    SECURE_PROXY_SSL_HEADER = ("HTTP_" + PROXY_HEADER.upper().replace("-", "_"), "https")
SECURE_SSL_REDIRECT = IS_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if IS_HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = IS_HTTPS
SECURE_HSTS_PRELOAD = IS_HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = env.read_int("SESSION_SECONDS", 12 * 3600, low=300)
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
}

# Static files
STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = False

# Language and time
LANGUAGE_CODE = "en-gb"
USE_I18N = False
TIME_ZONE = "UTC"
USE_TZ = True

# API
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["apps.api.authentication.ApiKeyAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["apps.api.permissions.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["apps.api.renderers.OrjsonRenderer"],
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "apps.api.negotiation.JsonOnly",
    "DEFAULT_PARSER_CLASSES": ["apps.api.parsers.OrjsonParser"],
    "EXCEPTION_HANDLER": "apps.api.errors.handle_exception",
    "DEFAULT_SCHEMA_CLASS": "apps.api.schema.inspector.TableSchema",
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "OAS_VERSION": "3.1.0",
    "TITLE": "MemoryHub",
    "VERSION": "1",
    "DESCRIPTION": "The wire of mem0's clients, and our own paths under /api/v1/.",
    "POSTPROCESSING_HOOKS": ["apps.api.schema.inspector.complete"],
}

RATE_LIMIT_PER_KEY = env.read_int("RATE_LIMIT_PER_KEY", 0)
RATE_LIMIT_PER_TENANT = env.read_int("RATE_LIMIT_PER_TENANT", 0)
RATE_LIMIT_URL = valkey.client_url(CELERY_BROKER_URL)  # "" where it is no Redis: see rate_limits.py

# Recall
EMBEDDER = env.read_choice("EMBEDDER", "local", ("local", "openai"))
EMBEDDING_MODEL = env.read_text("EMBEDDING_MODEL", "text-embedding-3-small")
EMBEDDING_DIMENSIONS = env.read_int("EMBEDDING_DIMENSIONS", 1536, low=1, high=4000)
OPENAI_API_KEY = env.read_secret("OPENAI_API_KEY")
OPENAI_BASE_URL = env.read_text("OPENAI_BASE_URL") or None
LEXICAL_LANGUAGE = env.read_text("LEXICAL_LANGUAGE", "english")

# Extraction
EXTRACTION_MODEL = env.read_text("EXTRACTION_MODEL")
EXTRACTOR = env.read_choice(
    "EXTRACTOR", "openai" if EXTRACTION_MODEL else "verbatim", ("verbatim", "rules", "openai")
)
EXTRACTION_TIMEOUT = env.read_int("EXTRACTION_TIMEOUT", 30, low=1, high=40)  # lease: see leases.py
EXTRACTION_MAX_TOKENS = env.read_int("EXTRACTION_MAX_TOKENS", 4_000, low=100)
EXTRACTION_JOB_TOKENS = env.read_int("EXTRACTION_JOB_TOKENS", 1_000_000, low=0)
EXTRACTION_DAY_TOKENS = env.read_int("EXTRACTION_DAY_TOKENS", 0, low=0)
EXTRACTION_MESSAGES = env.read_int("EXTRACTION_MESSAGES", 20, low=1, high=100)
EXTRACTION_CHARACTERS = env.read_int("EXTRACTION_CHARACTERS", 24_000, low=1_000)
EXTRACTION_CONTEXT = env.read_int("EXTRACTION_CONTEXT", 10, low=0, high=100)
SUMMARY_MEMORIES = env.read_int("SUMMARY_MEMORIES", 500, low=1, high=1_000)
JOB_TRIES = env.read_int("JOB_TRIES", 10, low=1, high=100)
SYNC_SECONDS = env.read_int("SYNC_SECONDS", 25, low=1, high=300)
WEBHOOK_PRIVATE_ADDRESSES = env.read_bool("WEBHOOK_PRIVATE_ADDRESSES", default=False)
if EXTRACTOR == "openai" and not EXTRACTION_MODEL:
    raise ImproperlyConfigured("EXTRACTOR=openai needs EXTRACTION_MODEL.")

# Audit trail
AUDIT_DETAIL_DAYS = env.read_days(
    "AUDIT_DETAIL_DAYS", {"read": 90, "change": 90, "access": 180, "privacy": 1_095}
)
AUDIT_EVENT_DAYS = env.read_days(
    "AUDIT_EVENT_DAYS", {"read": 1_095, "change": 1_095, "access": 1_095, "privacy": 3_650}
)
AUDIT_ANCHOR_FILE = env.read_text("AUDIT_ANCHOR_FILE")
AUDIT_ANCHOR_URL = env.read_hook("AUDIT_ANCHOR_URL")
AUDIT_ANCHORS = bool(AUDIT_ANCHOR_FILE or AUDIT_ANCHOR_URL)

# Privacy
EXPORTS_DIR = env.read_path("EXPORTS_DIR", DATA_DIR / "exports")
EXPORT_DAYS = env.read_int("EXPORT_DAYS", 14, low=1)
LIST_EXPORT_LIMIT = env.read_int("LIST_EXPORT_LIMIT", 100_000, low=1)
ERASURE_JOURNAL = env.read_path("ERASURE_JOURNAL", DATA_DIR / "journal" / "erasures.jsonl")
PG_DUMP = env.read_text("PG_DUMP")
KEY_BACKUP_DAYS = env.read_int("KEY_BACKUP_DAYS", 7, low=1)
DATA_BACKUP_DAYS = env.read_int("DATA_BACKUP_DAYS", 30, low=1)

# Telemetry: the first of these switches that is off decides
TELEMETRY_SWITCHES = {
    "DO_NOT_TRACK": env.read_objection("DO_NOT_TRACK"),
    "MEMORYHUB_TELEMETRY": env.read_switch("MEMORYHUB_TELEMETRY"),
    "MEM0_TELEMETRY": env.read_switch("MEM0_TELEMETRY"),
    "MEM0_TELEMETRY_ENABLED": env.read_switch("MEM0_TELEMETRY_ENABLED"),
}
POSTHOG_PROJECT_KEY = env.read_secret("POSTHOG_PROJECT_KEY")
POSTHOG_PROJECT_KEY_SOURCE = env.name_source("POSTHOG_PROJECT_KEY")
POSTHOG_HOST = env.read_url("POSTHOG_HOST", "https://eu.i.posthog.com")

# Limits
MAX_MESSAGES = env.read_int("MAX_MESSAGES", 1_000, low=1)
MAX_ENTITY_MEMORIES = env.read_int("MAX_ENTITY_MEMORIES", 100_000, low=0)
MAX_TENANT_MEMORIES = env.read_int("MAX_TENANT_MEMORIES", 0, low=0)
MAX_GUIDANCE_LENGTH = env.read_int("MAX_GUIDANCE_LENGTH", 5_000, low=1)
MAX_TEXT_LENGTH = env.read_int("MAX_TEXT_LENGTH", 50_000, low=1)
MAX_METADATA_BYTES = env.read_int("MAX_METADATA_BYTES", 20_000, low=2)
MAX_ID_LENGTH = env.read_int("MAX_ID_LENGTH", 256, low=1)
MAX_FILTER_CONDITIONS = env.read_int("MAX_FILTER_CONDITIONS", 200, low=1)
MAX_FILTER_DEPTH = env.read_int("MAX_FILTER_DEPTH", 10, low=1)
FILTER_SCAN_LIMIT = env.read_int("FILTER_SCAN_LIMIT", 50_000, low=1)
PAGE_SIZE = env.read_int("PAGE_SIZE", 100, low=1, high=200)
MAX_PAGE_SIZE = env.read_int("MAX_PAGE_SIZE", 200, low=1)
MAX_TOP_K = env.read_int("MAX_TOP_K", 1_000, low=1)

if not IS_LOOPBACK and not IS_INSECURE:
    if not ALLOWED_HOSTS:
        raise ImproperlyConfigured(
            f"HOST={HOST} is reachable from outside: set ALLOWED_HOSTS, or MEMORYHUB_INSECURE=1."
        )
    if not IS_HTTPS:
        raise ImproperlyConfigured(
            f"HOST={HOST} is reachable from outside: put an HTTPS proxy in front and name its"
            " header in HTTPS_PROXY_HEADER, or set MEMORYHUB_INSECURE=1."
        )
if IS_INSECURE and not ALLOWED_HOSTS:
    ALLOWED_HOSTS = ["*"]
