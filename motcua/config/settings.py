"""Settings of the product. Each is read once, here, from the environment.

``MOTCUA_HOME`` is where a running office keeps its database, uploads and keys (default ``./var``).
"""

import datetime as dt
import os
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

PACKAGE = Path(__file__).resolve().parent.parent
HOME = Path(os.environ.get("MOTCUA_HOME", "var")).resolve()

DEMO = os.environ.get("MOTCUA_DEMO", "") == "1"
DEBUG = os.environ.get("MOTCUA_DEBUG", "") == "1"


def _secret_key() -> str:
    """The key from MOTCUA_SECRET_KEY, else one made once and kept under HOME, readable by its owner alone."""
    given = os.environ.get("MOTCUA_SECRET_KEY")
    if given:
        return given
    path = HOME / "secret_key"
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        import secrets

        HOME.mkdir(parents=True, exist_ok=True)
        # Two processes may start at once: the one that creates the file decides.
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return path.read_text().strip()
        with os.fdopen(handle, "w") as file:
            key = secrets.token_urlsafe(50)
            file.write(key)
        return key


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = os.environ.get("MOTCUA_HOSTS", "127.0.0.1,localhost,[::1]").split(",")
CSRF_TRUSTED_ORIGINS = [o for o in os.environ.get("MOTCUA_ORIGINS", "").split(",") if o]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",  # widget templates, for FORM_RENDERER
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_htmx",
    "motcua.core",
    "motcua.org",
    "motcua.worktime",
    "motcua.papers",
    "motcua.ledger",
    "motcua.parties",
    "motcua.procedures",
    "motcua.indicators",
    "motcua.dossiers",
    "motcua.programme",
    "motcua.reports",
    "motcua.desk",
    "motcua.api",
    "motcua.demo",
    "motcua.keeping",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "motcua.config.compressing.Compress",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    # After CSRF: what a locked or signed-out person posted is kept only when the form was really ours.
    "motcua.desk.gate.Gate",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "motcua.config.urls"
WSGI_APPLICATION = "motcua.config.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "desk" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "motcua.desk.frame.context",
            ],
        },
    },
]

FORM_RENDERER = "motcua.desk.forms.Renderer"

# ---- database -------------------------------------------------------------------------------------------------------
_url = os.environ.get("DATABASE_URL") or f"sqlite:///{HOME / 'motcua.sqlite3'}"
try:
    _database = dj_database_url.parse(_url, conn_max_age=60)
except (ValueError, dj_database_url.ParseError) as error:
    raise ImproperlyConfigured(f"DATABASE_URL không đọc được: {error}") from error
if _database["ENGINE"].endswith("sqlite3"):
    HOME.mkdir(parents=True, exist_ok=True)
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        # recursive_triggers: without it INSERT OR REPLACE would pass the append-only triggers.
        "init_command": (
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON; "
            "PRAGMA foreign_keys=ON; PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;"
        ),
    }
elif _database["ENGINE"].endswith("postgresql"):
    # Compiling a statement of many sums takes longer than carrying it out; and so does trying every order of a row's
    # twenty names and places: one dossier took 35 ms to plan and 0.3 ms to read.
    _options = _database.setdefault("OPTIONS", {})
    _options["options"] = f"{_options.get('options', '')} -c jit=off -c join_collapse_limit=4".strip()
else:
    raise ImproperlyConfigured("DATABASE_URL: chỉ dùng được sqlite:///… hoặc postgresql://…")
DATABASES = {"default": _database}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Shared by all workers: the counts of wrong codes and the codes already used must not differ from process to process.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "desk_cache"}}

# ---- language and time ----------------------------------------------------------------------------------------------
LANGUAGE_CODE = "vi"
USE_I18N = True
LOCALE_PATHS = [PACKAGE / "desk" / "locale"]
USE_TZ = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_THOUSAND_SEPARATOR = False

# ---- accounts -------------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "org.User"
AUTHENTICATION_BACKENDS = [
    "motcua.api.signin.NoMachines",
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ("username", "full_name", "phone", "email")},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "/dang-nhap/"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/dang-nhap/"
# The common password of the demo's invented people, shown on the demo's own sign-in page; nothing else reads it.
DEMO_PASSWORD = "motcua-2023"  # noqa: S105

# Wrong passwords are counted by axes, in the database, per user name: 5, then 15 minutes, not lengthened by trying on.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = dt.timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "motcua.desk.signin.locked_out"
AXES_VERBOSE = False
AXES_CLIENT_STR_CALLABLE = "motcua.desk.signin.nobody"  # logs carry no names
AXES_ENABLE_ADMIN = False

# Of allauth only the sign-in with its second step is used: no sign-up, no e-mail, no reset by mail (see desk/urls.py).
ACCOUNT_ADAPTER = "motcua.desk.adapters.AccountAdapter"
MFA_ADAPTER = "motcua.desk.adapters.SecondFactorAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PRESERVE_USERNAME_CASING = False
# "login" counts sign-in pages per address: a whole office may stand behind one. "login_failed" counts wrong codes.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "5/15m/key"}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Một Cửa"
MFA_RECOVERY_CODE_COUNT = 10
MFA_TOTP_TOLERANCE = 1  # see desk/second_factor.py, which remembers used codes accordingly

# A screen left alone locks; the session itself lives a working day and ends with the browser.
IDLE_LOCK = dt.timedelta(minutes=15)
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "motcua.desk.pages.csrf_failure"
# An office that serves over HTTPS says so once; cookies and redirects follow.
HTTPS = os.environ.get("MOTCUA_HTTPS", "") == "1"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# Preloading binds a whole domain in every browser for years: for the owner of the domain to decide, not for a default.
# W006 asks axes to lock by address too: a whole office stands behind one, and five slips would shut it for everybody.
SILENCED_SYSTEM_CHECKS = ["security.W021", "axes.W006"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# ---- files ----------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = None  # nothing is collected: see below
# Served straight from the package, no collecting step. The desk's own files are asked for with their content's hash
# (`{% asset %}`), so browsers may keep them for good.
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/desk/"
UPLOADS = HOME / "uploads"
KEYS = HOME / "keys"
# What the QR on a paper opens, with {code} in it; empty: the desk's own look-up by code.
LOOKUP_ADDRESS = os.environ.get("MOTCUA_LOOKUP_ADDRESS", "")
# Where people open this office in a browser: the codes in a report's annex then lead there. Empty: they are typed.
ADDRESS = os.environ.get("MOTCUA_ADDRESS", "")
# Certificates (.pem, .crt, .cer) of those whose signatures on results are believed.
TRUST_DIR = HOME / "trust"
# Where signed daily checkpoints are written. It proves most on another machine's disk, or a mailbox's folder.
CHECKPOINT_DIR = Path(os.environ.get("MOTCUA_CHECKPOINT_DIR") or HOME / "checkpoints")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": os.environ.get("MOTCUA_LOG", "WARNING")},
}
