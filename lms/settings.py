"""All settings of Waymark, read once from the environment (and from `.env` beside manage.py, where there is one)."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _
from environs import Env

from lms import embedded, logs, places, strength

BASE_DIR = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ("development", "production", "test")

env = Env()
if os.environ.get("WAYMARK_ENV") != "test":
    env.read_env(BASE_DIR / ".env")

# --- Which house this is
ENVIRONMENT = env.str("WAYMARK_ENV", "development")
if ENVIRONMENT not in ENVIRONMENTS:
    raise ImproperlyConfigured(f"WAYMARK_ENV must be one of {', '.join(ENVIRONMENTS)}, not {ENVIRONMENT!r}.")
IN_PRODUCTION = ENVIRONMENT == "production"
IN_DEVELOPMENT = ENVIRONMENT == "development"
if IN_PRODUCTION and (weak := strength.weaknesses(os.environ)):
    raise ImproperlyConfigured("Waymark does not start in production like this:\n- " + "\n- ".join(weak))

VAR = env.path("WAYMARK_VAR", BASE_DIR / "var").resolve()
places.make_writable(VAR)
PORT = env.int("WAYMARK_PORT", 8000)
BIND = env.str("WAYMARK_BIND", "127.0.0.1")  # 0.0.0.0 lets other machines in
WEB_WORKERS = env.int("WAYMARK_WEB_WORKERS", min(os.cpu_count() or 2, 4))
WEB_THREADS = env.int("WAYMARK_WEB_THREADS", 4)
TASK_WORKERS = env.int("WAYMARK_TASK_WORKERS", 1)
SITE_URL = env.str("WAYMARK_SITE_URL", f"http://localhost:{PORT}").rstrip("/")
SITE_HOST = urlsplit(SITE_URL).hostname or "localhost"
TRUSTED_PROXIES = env.int("WAYMARK_TRUSTED_PROXIES", 1 if IN_PRODUCTION else 0)
SIGN_UP = env.str("WAYMARK_SIGN_UP", "open")
if SIGN_UP not in {"open", "invitation", "closed"}:
    raise ImproperlyConfigured(f"WAYMARK_SIGN_UP must be open, invitation or closed, not {SIGN_UP!r}.")
# Drills move the clock by a row that accounts.clock reads; production neither reads nor writes it.
CLOCK_MAY_MOVE = not IN_PRODUCTION
CLOCK_OFFSET = env.str(
    "WAYMARK_CLOCK_OFFSET", ""
)  # `manage.py clock --from-environment` writes it into the row

# --- Django's own
SECRET_KEY = env.str("WAYMARK_SECRET_KEY", "") or places.secret_in(
    VAR / "secret-key", secrets.token_urlsafe(64)
)
DEBUG = env.bool("WAYMARK_DEBUG", False)
ALLOWED_HOSTS = env.list("WAYMARK_ALLOWED_HOSTS", []) or [SITE_HOST]
if not IN_PRODUCTION:
    ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = [SITE_URL]
ROOT_URLCONF = "lms.urls"
WSGI_APPLICATION = "lms.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "lms",
    "api",
    "authoring",
    "reminders",
    "mentoring",
    "progress",
    "quizzes",
    "roadmap",
    "accounts",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "lms.apps.StaticFiles",
    "django.contrib.humanize",
    "django.forms",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "corsheaders",
    "csp",
    "django_cotton.apps.SimpleAppConfig",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
    "template_partials.apps.SimpleAppConfig",
]

MIDDLEWARE = [
    "lms.middleware.RequestLog",
    "lms.middleware.PublicPages",  # before all that asks who this is
    "django.middleware.security.SecurityMiddleware",
    "lms.middleware.Shield",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "lms.middleware.ContentPolicy",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "lms.middleware.Legible",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "lms.middleware.PrivatePages",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "accounts.middleware.OwnTimeZone",
    "accounts.middleware.SignedChanges",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]

_LOADERS = [
    "django_cotton.cotton_loader.Loader",
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "lms.context.page",
            ],
            "builtins": ["django_cotton.templatetags.cotton", "template_partials.templatetags.partials"],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    _LOADERS if DEBUG else [("django.template.loaders.cached.Loader", _LOADERS)],
                )
            ],
        },
    }
]

FORM_RENDERER = (
    "django.forms.renderers.TemplatesSetting"  # templates/django/forms draws {{ form }} in the look
)

# --- PostgreSQL and Redis: the named ones, or private ones below VAR that lms.embedded starts
DATABASE_URL = env.str("DATABASE_URL", "")
REDIS_URL = env.str("REDIS_URL", "")
EMBEDDED = embedded.Services(VAR, postgres=not DATABASE_URL, valkey=not REDIS_URL)
DATABASE_URL = DATABASE_URL or EMBEDDED.database_url
REDIS_URL = REDIS_URL or EMBEDDED.redis_url

ROLE = env.str("WAYMARK_ROLE", "command")  # web, worker, beat or command; `manage.py up` says which
# What is read is in memory nearly always, and few rows of it are wanted: index scans, and no time for a compiler.
_PLANNING = "-c random_page_cost=1.1 -c jit=off"
# A worker's questions are about everybody and read to their end, a chunk at a time: planned so, and joined in memory.
_SWEEPING = "-c cursor_tuple_fraction=1 -c work_mem=32MB"
_PATIENCE = {
    "web": f"{_PLANNING} -c statement_timeout=15s -c lock_timeout=3s -c idle_in_transaction_session_timeout=60s",
    "worker": f"{_PLANNING} {_SWEEPING}"
    " -c statement_timeout=60s -c lock_timeout=10s -c idle_in_transaction_session_timeout=120s",
}
DATABASES: dict[str, Any] = {
    "default": {
        **places.database(DATABASE_URL),
        "ENGINE": "lms.postgres",
        "CONN_MAX_AGE": 60 if ENVIRONMENT != "test" else 0,  # a test's server leaves no session behind
        "CONN_HEALTH_CHECKS": True,
    }
}
DATABASES["default"].setdefault("OPTIONS", {}).update(
    server_side_binding=True,
    # A statement is planned once a connection, not once a request; a pooler in between may not be able to keep it.
    prepare_threshold=3 if env.bool("WAYMARK_PREPARED_STATEMENTS", True) else None,
    **({"options": _PATIENCE[ROLE]} if ROLE in _PATIENCE else {}),
)

CACHES = {
    "default": {
        "BACKEND": "lms.cache.RedisOrNothing",
        "LOCATION": places.cache_url(REDIS_URL),
        "KEY_PREFIX": "waymark",
        "OPTIONS": {"socket_timeout": 2, "socket_connect_timeout": 1},
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# --- Celery: the clock and the hands. What waits is in tables; a lost message loses nothing.
CELERY_BROKER_URL = places.broker_url(REDIS_URL)
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_ACKS_ON_FAILURE = CELERY_TASK_ACKS_ON_TIMEOUT = (
    True  # a row decides what is tried again, not the broker
)
CELERY_TASK_REJECT_ON_WORKER_LOST = False
CELERY_TASK_TIME_LIMIT = 300
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_PUBLISH_RETRY_POLICY = {
    "max_retries": 2,
    "interval_start": 0,
    "interval_step": 0.2,
    "interval_max": 0.5,
}
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True  # else a task runs twice side by side
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_WORKER_MAX_MEMORY_PER_CHILD = 300_000
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 30
CELERY_WORKER_ENABLE_SOFT_SHUTDOWN_ON_IDLE = True
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,  # longer than any task may run
    "unacked_restore_interval": 10,
    "unacked_restore_throttle": 1,
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
    "socket_keepalive": urlsplit(REDIS_URL).scheme != "unix",
    "health_check_interval": 5,
    "max_connections": 50,
}
CELERY_VISIBILITY_TIMEOUT = 900
CELERY_ENABLE_UTC = True
CELERY_TIMEZONE = "UTC"


def _every(seconds: float, task: str) -> dict[str, object]:
    """A tick that waited nearly until the next one expires: a worker that was away makes up for nothing twice."""
    return {"task": task, "schedule": seconds, "options": {"expires": max(25, round(0.9 * seconds))}}


# Fixed intervals in seconds, never a crontab: local hours are for the rows.
LETTERS_EVERY = env.float("WAYMARK_LETTERS_EVERY_SECONDS", 60.0)  # for beat, and for lms.tick in each worker
CELERY_BEAT_SCHEDULE = {
    "plan, claim and send letters": _every(LETTERS_EVERY, "reminders.tasks.send_reminders"),
    "finish attempts whose time is over": _every(30.0, "quizzes.tasks.finalise_overdue"),
    "mark what was handed in while marking failed": _every(60.0, "quizzes.tasks.mark_unmarked"),
    "go on with regrades": _every(30.0, "quizzes.tasks.work_on_regrades"),
    "thin saves that newer ones replaced": _every(6 * 3600.0, "quizzes.tasks.thin_answers"),
    "count what answers say of questions": _every(120.0, "quizzes.tasks.count_questions"),
    "make review cards of what was missed": _every(300.0, "quizzes.tasks.gather_cards"),
    "fit review cards to who answered many": _every(6 * 3600.0, "quizzes.tasks.fit_cards"),
    "forget uploads that nobody confirmed": _every(3600.0, "authoring.tasks.forget_uploads"),
    "settle what finished elsewhere": _every(300.0, "progress.tasks.settle_all"),
}
# Asking the web whether links still answer: only where the house says that it has a way there.
CHECK_LINKS = env.bool("WAYMARK_CHECK_LINKS", False)
CHECK_LINKS_PORTS: list[int] = env.list("WAYMARK_CHECK_LINKS_PORTS", [80, 443], subcast=int)
if CHECK_LINKS:
    CELERY_BEAT_SCHEDULE["ask links that are due"] = _every(60.0, "roadmap.tasks.check_links")

# --- People: sign-up, sign-in, sessions
AUTHENTICATION_BACKENDS = [
    "accounts.permissions.SignIn",
    "accounts.permissions.RolePermissions",
]
ROLES_AT_THE_DESK = {"author": {"roadmap", "quizzes", "authoring"}, "admin": {"*"}}
PASSWORD_HASHERS = ["lms.passwords.Argon2"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "progress:today"
LOGOUT_REDIRECT_URL = "roadmap:roads"
LANDING_PAGES = {  # where a person lands after signing in, by the first role she has
    "learner": "progress:today",
    "mentor": "mentoring:home",
    "author": "admin:index",
    "admin": "admin:index",
}

ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES
ACCOUNT_ADAPTER = "accounts.adapter.Adapter"
ACCOUNT_FORMS = {"signup": "accounts.forms.SignUpForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_CONFIRM_EMAIL_ON_GET = False
ACCOUNT_LOGIN_ON_EMAIL_CONFIRMATION = True  # in the browser that signed up, and only there
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 900
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_MAX_EMAIL_ADDRESSES = 2
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = urlsplit(SITE_URL).scheme
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]  # passkeys come later, with their pages
MFA_PASSKEY_LOGIN_ENABLED = False
MFA_TOTP_ISSUER = "Waymark"
USERSESSIONS_TRACK_ACTIVITY = False  # a write on every page view buys too little

# --- Headers and cookies
_HTTPS = SITE_URL.startswith("https://")
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
PERMISSIONS_POLICY: dict[str, list[str]] = {
    feature: []
    for feature in (
        "camera",
        "display-capture",
        "geolocation",
        "microphone",
        "payment",
        "usb",
        "browsing-topics",
    )
}
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_SSL_REDIRECT = _HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 63_072_000 if _HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = _HTTPS
SECURE_HSTS_PRELOAD = _HTTPS
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "__Host-sessionid" if _HTTPS else "sessionid"
CSRF_COOKIE_NAME = "__Host-csrftoken" if _HTTPS else "csrftoken"

# --- The API for other origins: none until they are named
CORS_ALLOWED_ORIGINS: list[str] = env.list("WAYMARK_CORS_ORIGINS", [])
CORS_URLS_REGEX = r"^/api/v1/"
CORS_ALLOW_CREDENTIALS = False

# --- Files
STATIC_URL = "/static/"
STATIC_ROOT = env.path("WAYMARK_STATIC_ROOT", VAR / "static")
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_ROOT = VAR / "uploads"  # served by no URL: the view of the page that owns a file sends it
MEDIA_URL = ""
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "lms.static.HashedStaticFiles"
        if IN_PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not IN_PRODUCTION
WHITENOISE_AUTOREFRESH = not IN_PRODUCTION
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = (
    *("jpg", "jpeg", "png", "gif", "webp", "zip", "gz", "tgz", "bz2", "tbz", "xz", "br", "woff", "woff2"),
    *("map", "txt"),  # nobody but a developer asks for them
)
WHITENOISE_MAX_AGE = 3600 if IN_PRODUCTION else 0
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
EVIDENCE_MAX_BYTES = env.int("WAYMARK_EVIDENCE_MAX_MB", 20) * 1024 * 1024
ROAD_ZIP_MAX_BYTES = env.int("WAYMARK_ROAD_ZIP_MAX_MB", 10) * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- Mail: in development it lands in a folder, shown at /dev/mail/
MAILBOX = VAR / "mail"
_EMAIL_URL = env.str("WAYMARK_EMAIL_URL", "")
SHOW_MAILBOX = IN_DEVELOPMENT and not _EMAIL_URL
if _EMAIL_URL:
    _mail = places.mail(_EMAIL_URL)
    EMAIL_BACKEND = _mail["backend"]
    EMAIL_HOST, EMAIL_PORT = _mail.get("host", ""), _mail.get("port", 0)
    EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.get("username", ""), _mail.get("password", "")
    EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("use_tls", False), _mail.get("use_ssl", False)
else:
    EMAIL_BACKEND = "lms.mailbox.MailboxBackend"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.str("WAYMARK_FROM_EMAIL", f"Waymark <waymark@{SITE_HOST}>")
# Letters may go another way than mail about accounts, so that trouble with the one never keeps the other.
_LETTERS_EMAIL_URL = env.str("WAYMARK_LETTERS_EMAIL_URL", "")
LETTERS_EMAIL: dict[str, Any] = places.mail(_LETTERS_EMAIL_URL) if _LETTERS_EMAIL_URL else {}
LETTERS_FROM_EMAIL = env.str("WAYMARK_LETTERS_FROM_EMAIL", "") or DEFAULT_FROM_EMAIL
LETTERS_BOUNCE_ADDRESS = env.str("WAYMARK_LETTERS_BOUNCE_ADDRESS", "")  # where reports of failure are sent to
LETTERS_PER_DOMAIN_PER_MINUTE = env.int(
    "WAYMARK_LETTERS_PER_DOMAIN_PER_MINUTE", 300
)  # 0: as many as there are
LETTERS_PLANNERS = env.int("WAYMARK_LETTERS_PLANNERS", 2)  # in one worker, each with a connection of its own
LETTERS_CONNECT_TIMEOUT, LETTERS_READ_TIMEOUT = 10, 30  # seconds
WEBHOOK_SECRET = env.str(
    "WAYMARK_WEBHOOK_SECRET", ""
)  # “name:password” with which a provider tells of bounces
ANYMAIL: dict[str, Any] = {
    "REQUESTS_TIMEOUT": (LETTERS_CONNECT_TIMEOUT, LETTERS_READ_TIMEOUT),
    "AMAZON_SES_CLIENT_PARAMS": {
        "config": {"connect_timeout": 10, "read_timeout": 30, "retries": {"total_max_attempts": 1}}
    },
    "WEBHOOK_SECRET": WEBHOOK_SECRET or None,
    **places.anymail(os.environ, _EMAIL_URL),
}

# --- Language and time: UTC inside; a person's zone and language belong to the person
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- The REST door
API_REQUESTS_PER_MINUTE = env.int("WAYMARK_API_REQUESTS_PER_MINUTE", 600)
API_REQUESTS_PER_MINUTE_WITHOUT_TOKEN = env.int("WAYMARK_API_REQUESTS_PER_MINUTE_WITHOUT_TOKEN", 60)
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "api.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "api.authentication.MayWrite",
    ],
    "DEFAULT_THROTTLE_CLASSES": ["api.throttling.PerMinute"],
    "NUM_PROXIES": TRUSTED_PROXIES,
    "DEFAULT_RENDERER_CLASSES": ["api.wire.JSON"],
    "DEFAULT_PARSER_CLASSES": ["api.wire.StrictJSON"],
    "DEFAULT_SCHEMA_CLASS": "api.schema.Schema",
    "EXCEPTION_HANDLER": "api.refusals.explain",
    "DEFAULT_PAGINATION_CLASS": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Waymark",
    "DESCRIPTION": "Roads, standing, ticks, attempts, submissions and reviews.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SCHEMA_PATH_PREFIX": "/api/v[0-9]",
}

# --- Logs
LOG_JSON = env.bool("WAYMARK_LOG_JSON", IN_PRODUCTION)
LOGGING = logs.logging_config(as_json=LOG_JSON, level=env.str("WAYMARK_LOG_LEVEL", "INFO"), role=ROLE)
LOGGING_CONFIG = "logging.config.dictConfig"
