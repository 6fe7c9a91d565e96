"""All settings, read from the environment; nothing set means the demo on this machine.

Every variable ``X`` may also be given as ``X_FILE``, the path of a file that holds the value.
Unsafe values for production are refused by the checks in ``landbureau/checks.py``
(``manage.py check --deploy``).
"""

from datetime import timedelta
from pathlib import Path

import environ
from csp.constants import NONE, SELF

from landbureau.jobs.schedule import SCHEDULE, beat_schedule

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.FileAwareEnv()

# --- This installation ------------------------------------------------------------------------
DEMO = env.bool("DEMO", default=False)  # accounts on the sign-in page, plain HTTP on localhost
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="django-insecure-for-the-demo-only")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS if host != "*"]
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])  # addresses or networks
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var"))).resolve()
BUREAU = env.str("BUREAU", default="xinhe")
FIXTURES_DIR = BASE_DIR / "fixtures"
FONT_DIRS = env.list("FONT_DIRS", default=[])  # the licensed fonts of the bureau

# --- Applications, top floor first (docs/architecture.md) -----------------------------------
INSTALLED_APPS = [
    "landbureau.home",
    "publicservice",
    "supervision.supply",
    "landbureau.documents",
    "landbureau.accounts",
    "landbureau.workdays",
    "landbureau.imports",
    "landbureau.jobs",
    "landbureau.audit",
    "landbureau.web.apps.WebConfig",
    "landbureau.web.apps.ConfigurationAdmin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.forms",
    "guardian",
    "auditlog",
    "axes",
    "csp",
    "crispy_forms",
    "crispy_bootstrap5",
    "django_filters",
    "django_htmx",
    "django_tables2",
    "import_export",
]
MIDDLEWARE = [
    "landbureau.web.middleware.HealthMiddleware",
    "landbureau.home.health.ReadinessMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "landbureau.web.middleware.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "landbureau.web.middleware.PlainTextMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "landbureau.web.middleware.ErrorPageMiddleware",
    "landbureau.accounts.middleware.SignInMiddleware",
    "landbureau.audit.middleware.AuditMiddleware",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "landbureau.urls"
WSGI_APPLICATION = "landbureau.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "landbureau.web.context_processors.page",
                "landbureau.accounts.context_processors.bureau",
                "landbureau.home.context_processors.frame",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"
DJANGO_TABLES2_TEMPLATE = "web/table.html"

# --- Data --------------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"].setdefault("CONN_MAX_AGE", 60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # Compiling the queries of a page takes longer than running them.
    DATABASES["default"].setdefault("OPTIONS", {}).setdefault("options", "-c jit=off")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.str("REDIS_URL", default="")
MEDIA_ROOT = DATA_DIR / "media"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "previews": {  # PDFs of drafts, by the hash of their content; a restart or an upgrade may throw them away
        "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
        "LOCATION": DATA_DIR / "previews",
        "TIMEOUT": 24 * 3600,
        "OPTIONS": {"MAX_ENTRIES": 200},
    },
}
UPLOAD_MOST_BYTES = env.int("UPLOAD_MOST_BYTES", default=20 * 1024**2)  # of one file
UPLOAD_MOST_PIXELS = env.int("UPLOAD_MOST_PIXELS", default=80_000_000)  # of one JPEG; less of others
UPLOAD_MOST_REQUEST_BYTES = env.int("UPLOAD_MOST_REQUEST_BYTES", default=300 * 1024**2)
FILE_UPLOAD_HANDLERS = [
    "landbureau.web.uploads.SizeGuard",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
EXPORT_MOST_ROWS = env.int("EXPORT_MOST_ROWS", default=100_000)  # of one file: what is ready within a request
EXPORT_RECORDER = "landbureau.audit.services.record_export"
IMPORT_RECORDER = "landbureau.audit.services.record_import"
# Called in the transaction that issues, serves or voids a document (documents.services.followers).
DOCUMENT_FOLLOWERS = ["supervision.supply.services.following.follow"]
BACKUP_DIR = DATA_DIR / "backups"
BACKUP_KEEP_DAILY = env.int("BACKUP_KEEP_DAILY", default=14)  # days with a backup that keep their newest
BACKUP_KEEP_WEEKLY = env.int("BACKUP_KEEP_WEEKLY", default=8)
BACKUP_KEEP_MONTHLY = env.int("BACKUP_KEEP_MONTHLY", default=12)

# --- Long work -------------------------------------------------------------------------------------
JOBS = SCHEDULE
JOBS_LEASE = env.int("JOBS_LEASE", default=120)  # seconds without a sign of life until a run is retried
JOBS_RESEND = env.int("JOBS_RESEND", default=120)  # seconds until the message of a waiting run is sent again
JOBS_HEARTBEAT = env.int("JOBS_HEARTBEAT", default=15)  # seconds between signs of life of worker and beat
JOBS_ATTEMPTS = 3  # a run whose worker was killed so often fails
JOBS_KEEP_DAYS = 90  # then the row of a run is removed: a season in which somebody may still ask about it
CELERY_BROKER_URL = REDIS_URL or "filesystem://localhost"  # without a host kombu warns on every message
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, str | int]
if REDIS_URL:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_connect_timeout": 3}
else:
    CELERY_BROKER_TRANSPORT = "landbureau.jobs.broker:Transport"
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(DATA_DIR / "broker"),
        "data_folder_out": str(DATA_DIR / "broker"),
        "control_folder": str(DATA_DIR / "broker-control"),
    }
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_ACKS_LATE = False  # a lost task is found by its row's lease, not by the broker
CELERY_TASK_TIME_LIMIT = 2 * 3600  # a step that hangs is killed, and its run retried
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "Asia/Shanghai"
CELERY_BEAT_SCHEDULE = beat_schedule(JOBS)
CELERY_BEAT_SCHEDULER = "landbureau.jobs.heartbeat:HeartbeatScheduler"
CELERY_BEAT_MAX_LOOP_INTERVAL = JOBS_HEARTBEAT

# --- Spreadsheets in ---------------------------------------------------------------------------------
IMPORT_TARGETS = [
    "landbureau.accounts.imports.Staff",
    "landbureau.accounts.imports.Townships",
    "landbureau.accounts.imports.Villages",
    "landbureau.home.imports.CalendarDays",
    "supervision.supply.imports.Supplies",
    "supervision.supply.imports.Events",
]
IMPORTS_MOST_BYTES = env.int("IMPORTS_MOST_BYTES", default=30 * 1024**2)  # of one file
IMPORTS_AT_ONCE = 500  # rows; more are checked and written in the background
IMPORTS_KEEP_OPEN_DAYS = 7  # then an import that nobody finished is removed with its file
IMPORTS_KEEP_DONE_DAYS = 180  # then the files of a finished one go: they hold personal data

# --- Documents -------------------------------------------------------------------------------------
PRINT_BATCH_MOST = 500  # documents in one file: some reams of paper; the merging fits into a worker's memory
PRINT_BATCH_DAYS = 7  # then the file goes: it can be made again from the documents, and holds personal data
VERIFY_WRONG_PER_HOUR = env.int("VERIFY_WRONG_PER_HOUR", default=20)  # slips of an office behind one address
VERIFY_WRONG_DAYS = 1  # then the addresses that asked are removed: only the last hour counts

# --- Language and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "landbureau" / "web" / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
FORMAT_MODULE_PATH = "landbureau.web.formats"  # dates as 2026-12-01; numbers by the filters of web

# --- People --------------------------------------------------------------------------------------
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "landbureau.accounts.backends.ScopeBackend",
    "guardian.backends.ObjectPermissionBackend",  # single exceptions: one object shared with one person
]
AUDITLOG_LOGENTRY_MODEL = "audit.Entry"
AUDITLOG_STORE_JSON_CHANGES = True
AUDITLOG_MASK_CALLABLE = "landbureau.web.masking.mask"
MIGRATION_MODULES = {"auditlog": None}  # its own table is replaced by audit.Entry: do not create it
ANONYMOUS_USER_NAME = None  # guardian: no row for the public
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "home:desk"
LOGOUT_REDIRECT_URL = "accounts:login"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "landbureau.accounts.passwords.LengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "landbureau.accounts.passwords.CharacterClassesValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "name", "phone")},
    },
]
SESSION_ENGINE = "landbureau.accounts.sessions"
SESSION_COOKIE_AGE = 30 * 60  # seconds without a request of the person's own
SESSION_LONGEST = 12 * 3600  # seconds since sign-in, however busy
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
# Either of them. In the demo everybody has the same address: slips of one would lock out all the others.
AXES_LOCKOUT_PARAMETERS = ["username"] if DEMO else ["username", "ip_address"]
AXES_CLIENT_IP_CALLABLE = "landbureau.web.network.client_ip"
AXES_HANDLER = "landbureau.accounts.lockout.LockoutHandler"
AXES_LOCKOUT_CALLABLE = "landbureau.accounts.views.signin.locked_out"
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # else one could keep a colleague out for ever
AXES_DISABLE_ACCESS_LOG = True  # sign-ins are in the audit record
AXES_ENABLE_ADMIN = AXES_VERBOSE = False

# --- The browser side ------------------------------------------------------------------------------
HTTPS = env.bool("HTTPS", default=not (DEMO or DEBUG))
SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_HSTS_SECONDS = 31536000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# Browsers' preload lists take a name in for good, and only a whole domain: the county's choice, not this
# program's. Django's check asks for it all the same.
SECURE_HSTS_PRELOAD = False
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
if DEMO:  # cookies know no ports: two demos on one machine would sign each other's people out
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"sessionid_{BUREAU}", f"csrftoken_{BUREAU}"
    SILENCED_SYSTEM_CHECKS.append("axes.W006")  # asks for the lock by address
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "landbureau.web.views.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],  # data: icons in Tabler's styles, blob: previews of photos
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
EMAIL_CONFIG = env.email("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)

# --- Logging: one line per event, on stderr (stdout belongs to --format json) -------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "axes": {"level": "WARNING"},  # sign-ins are in the audit record
        "weasyprint.progress": {"level": "WARNING"},
        "fontTools": {"level": "WARNING"},
    },
}
