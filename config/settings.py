"""What does this installation run on? Every value that may differ is read from the environment here, typed."""

import sys
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# What the demo and the tests write; a real installation points it at a volume.
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / ".run")))
DATA_DIR.mkdir(parents=True, exist_ok=True)

DEBUG = env.bool("DEBUG", default=False)
# API tokens are hashed with it; set it apart from SECRET_KEY to be able to change that without ending all tokens.
TOKEN_PEPPER = env.str("TOKEN_PEPPER", default="")
SECRET_KEY = env.str("SECRET_KEY", default="")
WELL_KNOWN_KEYS = {
    "changeme",
    "secret",
    "django-insecure",
    "insecure",
    "example",
    "mainstay",
}
if len(SECRET_KEY) < 50 or any(SECRET_KEY.lower().startswith(word) for word in WELL_KNOWN_KEYS):
    raise ImproperlyConfigured(
        "SECRET_KEY is missing, short or well known. Set it to at least 50 random characters, for example "
        "from: python3 -c 'import secrets; print(secrets.token_urlsafe(50))'"
    )

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
# Links in mails use this address, never the Host header.
SITE_URL = env.str("SITE_URL", default="http://localhost:8000")
# Behind HTTPS (any real installation) cookies are Secure and get the __Host- prefix.
HTTPS = env.bool("HTTPS", default=SITE_URL.startswith("https://"))

INSTALLED_APPS = [
    "common",
    "accounts",
    "revenue",
    "usage",
    "health",
    "playbooks",
    "advocacy",
    "roadmap",
    "portfolio",
    "integrations",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.sites",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "csp",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "rest_framework",
]

MIDDLEWARE = [
    "common.middleware.RequestId",
    "common.middleware.CleanPath",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "common.middleware.PrivateAnswers",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "common.middleware.SessionLimits",
    "accounts.middleware.Address",
    "accounts.middleware.OwnLanguage",
    "accounts.middleware.Exports",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "accounts.middleware.KeepSignIns",
    "django.contrib.messages.middleware.MessageMiddleware",
    "accounts.middleware.SecondFactor",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "common.figures.FiguresAsked",
]

# What the shell of every page is told by the app that joins the others.
MAINSTAY_PAGE_CONTEXT = "portfolio.queries.shell.page_context"
# What keeps an act so that its person can take it back.
MAINSTAY_UNDO = "portfolio.actions.history.keep_change"
# What can be done to many rows at once, each with its way back.
MAINSTAY_BULK_ACTS = [
    "accounts.actions.bulk_acts.TagAccounts",
    "accounts.actions.bulk_acts.SetStage",
    "accounts.actions.bulk_acts.AssignOwner",
    "health.actions.bulk.AcknowledgeWarnings",
    "health.actions.bulk.SnoozeWarnings",
    "playbooks.actions.bulk.StartRuns",
    "playbooks.actions.bulk_tasks.CompleteTasks",
    "playbooks.actions.bulk_tasks.GiveTasks",
    "advocacy.actions.bulk.AskPeople",
    "advocacy.actions.bulk.RecordAttendance",
    "roadmap.actions.bulk.TellCustomers",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "environment": "common.templating.environment",
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "common.htmx.base_context",
            ],
        },
    },
    {
        # Django's own language stays for the admin and the API's documentation pages.
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates" / "django"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

CSRF_FAILURE_VIEW = "common.pages.csrf_failure"

DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'mainstay.sqlite3'}")}
ON_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if ON_SQLITE:
    # Several processes on one file: wait for the writer, take the write lock at the start, read beside it (WAL).
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA busy_timeout=20000; "
            "PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456; PRAGMA temp_store=MEMORY"
        ),
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=60)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    DATABASES["default"].setdefault("OPTIONS", {})["server_side_binding"] = True
    # PostgreSQL would compile the statement of a page for longer than it then runs: often for seconds.
    DATABASES["default"]["OPTIONS"].setdefault("options", "-c jit=off")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Without a broker one worker reads the outbox; with one, the same tasks go to any number of workers.
BROKER_URL = env.str("BROKER_URL", default="memory://")
EMBEDDED_BROKER = BROKER_URL.startswith("memory:")
CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_TIME_LIMIT = env.int("TASK_TIME_LIMIT", default=3600)
CELERY_TASK_SOFT_TIME_LIMIT = CELERY_TASK_TIME_LIMIT - 60
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_ENABLE_UTC = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"visibility_timeout": CELERY_TASK_TIME_LIMIT + 600, "unacked_restore_throttle": 1}
    if BROKER_URL.startswith("redis")
    else {}
)

CACHE_URL = env.str("CACHE_URL", default=BROKER_URL if BROKER_URL.startswith("redis") else "")
CACHES = {
    "default": (
        {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": CACHE_URL,
        }
        if CACHE_URL
        # Rate limits live in the cache, so it has to be shared by the processes of one machine.
        else {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "cache",
        }
    ),
    # The API counts requests here. Without Redis each server process counts its own: that costs no write per request.
    "requests": (
        {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": CACHE_URL,
        }
        if CACHE_URL
        else {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "requests",
        }
    ),
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_MIN_LENGTH = env.int("PASSWORD_MIN_LENGTH", default=12)
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": PASSWORD_MIN_LENGTH},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["name", "email"]},
    },
    {"NAME": "accounts.sign_in.NotAWordOfThisPlace"},
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "accounts.sign_in.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
# Ten wrong passwords for one account from one address are met with growing delays by the adapter; this is the net
# below it, for one address that tries many accounts.
ACCOUNT_RATE_LIMITS = {"login_failed": "100/15m/ip"}
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_FORMS = {
    "change_password": "accounts.forms.passwords.ChangePasswordForm",
    "set_password": "accounts.forms.passwords.SetPasswordForm",
    "reset_password_from_key": "accounts.forms.passwords.ResetPasswordKeyForm",
}
MFA_ADAPTER = "accounts.sign_in.MFAAdapter"
MFA_TOTP_ISSUER = "Mainstay"
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = False
# Roles that must have a second factor before they see anything, e.g. "admin,cs_manager".
SECOND_FACTOR_ROLES = env.list("SECOND_FACTOR_ROLES", default=[])
SITE_ID = 1

# Single sign-on by OpenID Connect, if an issuer is named. A person links it to themselves once, while signed in: who
# they are there is told by the subject's id, never by an e-mail address.
OIDC_ISSUER = env.str("OIDC_ISSUER", default="")
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": "sso",
                "name": env.str("OIDC_NAME", default="Single sign-on"),
                "client_id": env.str("OIDC_CLIENT_ID", default=""),
                "secret": env.str("OIDC_CLIENT_SECRET", default=""),
                "settings": {"server_url": OIDC_ISSUER},
            }
        ]
        if OIDC_ISSUER
        else [],
    }
}
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_STORE_TOKENS = False

# The settings that there are: the name of the page, what it is called, what it is for, and the right that it asks for.
SETTINGS_PAGES = [
    ("profile", _("Profile"), _("Your name, language and look."), ""),
    ("notification_settings", _("Notifications"), _("How you hear of what concerns you."), ""),
    ("sessions", _("Sign-in and sessions"), _("Password, second factor, where you are signed in."), ""),
    ("tokens", _("API tokens"), _("Keys with which your programs act for you."), ""),
    ("people", _("People"), _("Who may sign in, and what they may do."), "manage_people"),
    ("teams", _("Teams"), _("Whose books a manager looks after."), "manage_people"),
    ("organisation", _("Organisation"), _("Name, time zone, currency, labels, working time."), "manage_settings"),
    ("holidays", _("Holidays"), _("Days on which nobody works."), "manage_settings"),
    (
        "revenue_benchmarks",
        _("Revenue benchmarks"),
        _("From when on retention is good, and which groups are too small."),
        "manage_settings",
    ),
    (
        "expansion_settings",
        _("Expansion settings"),
        _("How likely each stage is, and who looks like a customer that buys more."),
        "manage_settings",
    ),
    ("tags", _("Tags"), _("Words that people put on accounts."), "manage_settings"),
    ("custom_fields", _("Custom fields"), _("What else you keep of an account."), "manage_settings"),
    ("scorecards", _("Health scores"), _("Indicators, weights, bands: how health is scored."), "edit_health"),
    ("warning_rules", _("Warnings"), _("What warns of an account, and how many at once."), "edit_health"),
    (
        "recommendation_rules",
        _("Recommendations"),
        _("What Today recommends, how often it was right, and for how long an answer holds."),
        "edit_health",
    ),
    ("renewal_policy", _("Renewals and risks"), _("Calls, forecasts, updates of risks."), "manage_settings"),
    (
        "playbook_settings",
        _("Playbook settings"),
        _("How each tier is served, from whom mails come, how effect is measured."),
        "edit_playbooks",
    ),
    ("churn_settings", _("Churn prediction"), _("Base rates, effects, and when a model is used."), "edit_health"),
    (
        "ranking_settings",
        _("Ranking of requests"),
        _("Weights, what makes a need common, and what counts as use."),
        "plan_roadmap",
    ),
    ("advocacy_settings", _("Advocacy"), _("Who is worth asking, and when nobody asks."), "edit_advocacy"),
    ("import_book", _("Import"), _("Bring a whole book of accounts in from CSV or Excel files."), "import_book"),
    (
        "system_health",
        _("Health of the system"),
        _("What comes in, what waits, what failed, when the last backup was."),
        "manage_settings",
    ),
    ("parked_jobs", _("Background work"), _("What was given up, and why; start it again."), "manage_settings"),
    ("chat_webhooks", _("Chat"), _("Notifications in a channel of Slack, Teams and the like."), "manage_settings"),
    ("all_tokens", _("All API tokens"), _("Which programs get in, for whom; stop them all."), "manage_people"),
    ("privacy", _("Privacy"), _("Take a person of a customer out of the book for good."), "manage_settings"),
    ("audit_log", _("Audit log"), _("Who did what, when and from where."), "manage_people"),
]

# What people are told of: the kind, its name, how one hears of it unless one chooses otherwise (app, at_once, digest,
# off), and the right without which nobody is told.
NOTIFICATION_KINDS = [
    ("handoff_waiting", _("Handoffs that wait to be accepted"), "at_once", "edit_accounts"),
    ("task", _("New tasks"), "app", "edit_accounts"),
    ("playbook", _("Playbooks that bring tasks"), "app", "edit_accounts"),
    ("stabilization", _("Stabilization plans that need a word"), "digest", "edit_accounts"),
    ("mail", _("Mails to customers that may not have gone out"), "at_once", "edit_accounts"),
    ("advocacy", _("Asks that were withdrawn"), "app", "edit_accounts"),
    ("case_expired", _("Case studies past their day"), "app", ""),
    ("case_withdrawn", _("Case studies that lost their consent"), "at_once", ""),
    ("request_answers", _("Answers about requests to pass on"), "app", "edit_accounts"),
    ("handoff_answered", _("Handoffs accepted or returned"), "app", "edit_accounts"),
    ("warning_opened", _("New warnings"), "digest", ""),
    ("override_ends", _("Health bands set by hand that end soon"), "digest", "edit_accounts"),
    ("renewal_disagreement", _("Renewals on which CSM and rule differ"), "digest", "assign_owners"),
    ("risk_update_due", _("Risks due for an update"), "digest", "edit_revenue"),
    ("rule_switched_off", _("Recommendations that were switched off"), "app", "assign_owners"),
    ("token_expires", _("API tokens that expire within 14 days"), "at_once", ""),
    ("job_parked", _("Background work that was given up"), "at_once", "manage_settings"),
]

SESSION_COOKIE_AGE = 7 * 24 * 3600  # absolute; the idle limit is SESSION_IDLE_SECONDS
SESSION_IDLE_SECONDS = env.int("SESSION_IDLE_SECONDS", default=8 * 3600)
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "mainstay_session"
CSRF_COOKIE_NAME = "__Host-csrf" if HTTPS else "mainstay_csrf"
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    # Limits on wrong passwords count the visitor's address, not the proxy's.
    ALLAUTH_TRUSTED_PROXY_COUNT = 1

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        # The way to the single sign-on starts with a form, which then leads to its address.
        "form-action": [SELF, *filter(None, ["/".join(OIDC_ISSUER.split("/")[:3])])],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# What one request may bring in files; the first handler stops reading what is more.
IMPORT_MAX_BYTES = env.int("IMPORT_MAX_BYTES", default=50 * 1024 * 1024)
FILE_UPLOAD_HANDLERS = [
    "common.uploads.StopTooLarge",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_I18N = USE_TZ = True

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = env.str("STATIC_ROOT", default=str(DATA_DIR / "static"))
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)
# Without collectstatic (demo, tests) the finders serve the files; in production hashed names are cached for ever.
COLLECTING = sys.argv[1:2] == ["collectstatic"]  # the first time too it has to hash and compress what it collects
WHITENOISE_USE_FINDERS = not COLLECTING and not (Path(STATIC_ROOT) / "staticfiles.json").exists()
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if WHITENOISE_USE_FINDERS
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
# Where the newest backup is looked for, to say how old it is; whatever makes backups puts them here.
BACKUP_DIR = env.str("BACKUP_DIR", default=str(DATA_DIR / "backups"))
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(DATA_DIR / "media"))

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
# A mail server that does not answer holds a worker for so long.
EMAIL_TIMEOUT = env.int("EMAIL_TIMEOUT", default=20)
# Networks of one's own in which a chat server may stand, like 10.2.0.0/16; everywhere else only public addresses are
# written to.
WEBHOOK_NETWORKS = env.list("WEBHOOK_NETWORKS", default=[])
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="mainstay@localhost")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "integrations.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["integrations.permissions.MayUseApi"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["common.api.StrictJSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "common.api.Pages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_THROTTLE_CLASSES": ["integrations.throttling.PerToken"],
    "DEFAULT_THROTTLE_RATES": {"token": env.str("API_RATE", default="600/min")},
    "EXCEPTION_HANDLER": "common.api.problem_response",
    "PAGE_SIZE": 50,
    "COERCE_DECIMAL_TO_STRING": True,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Mainstay API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "ENUM_NAME_OVERRIDES": {
        "AccountStageEnum": "accounts.models.Account.Stage",
        "RenewalStageEnum": "revenue.models.Renewal.Stage",
        "ImplementationStageEnum": "accounts.models.ImplementationRecord.Stage",
        "HandoffStateEnum": "accounts.models.Handoff.State",
        "PromiseStateEnum": "accounts.models.Promise.State",
        "FeatureRequestStateEnum": "roadmap.models.FeatureRequest.State",
        "AdvocateStageEnum": "advocacy.models.Advocate.Stage",
        "AskKindEnum": "advocacy.models.AskKind",
        "ConsentScopeEnum": "advocacy.models.Consent.Scope",
        "ReferenceOutcomeEnum": "advocacy.models.ReferenceRequest.Outcome",
        "WithdrawalCauseEnum": "advocacy.models.WithdrawalCause",
        "BandEnum": "health.models.HealthScore.Band",
        "BandByHandEnum": "health.models.HealthOverride.CHOICES",
        "TaskKindEnum": "playbooks.models.Task.Kind",
        "RiskOutcomeEnum": "revenue.models.Risk.Outcome",
        "ReferralStateEnum": "advocacy.models.Referral.State",
        "CallEnum": "revenue.models.renewals.Call",
        "OpportunityStageEnum": "revenue.models.Opportunity.Stage",
        "LostReasonEnum": "revenue.models.Opportunity.LostReason",
        "ChurnReasonEnum": "accounts.models.ChurnRecord.Reason",
        "WarningSeverityEnum": "health.models.Severity",
        "TicketSeverityEnum": "usage.models.Ticket.Severity",
        "StabilizationStateEnum": "playbooks.models.StabilizationPlan.State",
        "StabilizationVerdictEnum": "playbooks.models.Checkpoint.Verdict",
    },
}

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": "common.logs.OneLine",
            "format": "{asctime} {levelname} {name} {message}",
            "style": "{",
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}
