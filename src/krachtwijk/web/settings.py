# SPDX-License-Identifier: EUPL-1.2
"""Settings, all from the environment; with none set, a safe local installation on SQLite."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.conf.locale import LANG_INFO

from krachtwijk.errors import KrachtwijkError
from krachtwijk.warehouse import default_home
from krachtwijk.web.languages import OWN, languages
from krachtwijk.web.secret import local_secret
from krachtwijk.web.theme import install

WEB = Path(__file__).resolve().parent
HOME = default_home()

DEBUG = os.environ.get("KRACHTWIJK_DEBUG") == "1"
SECRET_KEY = os.environ.get("KRACHTWIJK_SECRET_KEY") or local_secret(HOME)
#: Keys for what is kept encrypted, newest first; without them it is derived from the signing key.
DATA_KEYS = [key for key in os.environ.get("KRACHTWIJK_DATA_KEYS", "").split(",") if key]
ALLOWED_HOSTS = os.environ.get("KRACHTWIJK_HOSTS", "127.0.0.1,localhost,[::1]").split(",")


def _whole(name: str, default: int, least: int) -> int:
    """A whole number from the environment. Raises KrachtwijkError on anything else."""
    given = os.environ.get(name, "")
    if not given:
        return default
    if not given.isdecimal() or int(given) < least:
        raise KrachtwijkError(
            f"{name} is {given!r}", where=name, mend=f"Geef een heel getal vanaf {least}, of laat het leeg"
        )
    return int(given)


def _origin(given: str, host: str) -> str:
    """``https://host``, as given or by the first host name; on this machine itself http. Raises KrachtwijkError.

    Empty where the first host is no name of one site: then security keys are not offered.
    """
    if not given:
        return f"https://{host}" if re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z][a-z0-9-]*", host) else ""
    if not re.fullmatch(r"https://[a-z0-9.-]+(:[0-9]+)?|http://(localhost|127\.0\.0\.1)(:[0-9]+)?", given):
        raise KrachtwijkError(
            f"KRACHTWIJK_URL is {given!r}",
            where="KRACHTWIJK_URL",
            mend="Geef het adres van de site zonder pad, zoals https://wijken.voorbeeld.nl",
        )
    return given


def _check_provider(issuer: str, client: str, secret: str) -> None:
    """Raise KrachtwijkError where the settings of the provider are not whole, or would send secrets in the open."""
    if not re.match(r"https://|http://(localhost|127\.0\.0\.1)[:/]", f"{issuer}/"):
        raise KrachtwijkError(
            f"KRACHTWIJK_OIDC_ISSUER is {issuer!r}",
            where="KRACHTWIJK_OIDC_ISSUER",
            mend="Geef een adres dat met https:// begint",
        )
    if not client or not secret:
        raise KrachtwijkError(
            "Er is een aanbieder om in te loggen, maar geen client of geheim",
            where="KRACHTWIJK_OIDC_CLIENT, KRACHTWIJK_OIDC_SECRET",
            mend="Zet ze allebei, of laat KRACHTWIJK_OIDC_ISSUER leeg",
        )


#: Whose site this is; shown in the header, on the contact page and in the statements.
SITE_NAME = os.environ.get("KRACHTWIJK_SITE_NAME") or "Krachtwijk"
OWNER = os.environ.get("KRACHTWIJK_OWNER", "")
CONTACT = os.environ.get("KRACHTWIJK_CONTACT", "")
#: Days within which the owner answers, and for which the front server keeps its log; 0 where nobody said so.
ANSWER_DAYS = _whole("KRACHTWIJK_ANSWER_DAYS", 0, 0)
LOG_DAYS = _whole("KRACHTWIJK_LOG_DAYS", 0, 0)

#: Days after which the e-mail address of an answered report, and a whole report, are removed.
REPORT_EMAIL_DAYS = _whole("KRACHTWIJK_REPORT_EMAIL_DAYS", 30, 0)
REPORT_DAYS = _whole("KRACHTWIJK_REPORT_DAYS", 365, 1)
#: Years after the last event of their applications that people can be found and read (`vergeet_mensen`).
ARCHIVE_YEARS = _whole("KRACHTWIJK_ARCHIVE_YEARS", 7, 1)
UPLOAD_LIMIT = _whole("KRACHTWIJK_UPLOAD_MB", 50, 1) * 1024 * 1024

#: Served over https: cookies only there, and browsers told to come back that way.
HTTPS = os.environ.get("KRACHTWIJK_HTTPS") == "1"
#: Where this site stands, as a browser names it: security keys sign for this address and no other.
ORIGIN = _origin(os.environ.get("KRACHTWIJK_URL", "").rstrip("/"), ALLOWED_HOSTS[0] if HTTPS else "")
#: Where the site is found by who gets a message.
SITE_URL = ORIGIN or "http://127.0.0.1:8000"
DEFAULT_FROM_EMAIL = os.environ.get("KRACHTWIJK_MAIL_FROM") or CONTACT or "krachtwijk@localhost"
EMAIL_TIMEOUT = 30


def _mail(given: str) -> dict[str, Any]:
    """How messages leave: shown (default), ``bestand``: a file each in the home, or ``smtp://user:password@host:port``.

    ``smtp`` encrypts by STARTTLS, ``smtps`` from the start; ``?tls=0`` sends in the clear, for a server next door.
    """
    if not given:
        return {"EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend"}
    if given == "bestand":
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": HOME / "mail",
        }
    parts = urlsplit(given)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        raise KrachtwijkError(
            "KRACHTWIJK_MAIL is geen adres van een mailserver",
            where="KRACHTWIJK_MAIL",
            mend="Gebruik smtp://gebruiker:wachtwoord@host:poort, bestand, of laat het leeg",
        )
    if not ORIGIN or not (os.environ.get("KRACHTWIJK_MAIL_FROM") or CONTACT):
        raise KrachtwijkError(
            "Een bericht noemt waar de site staat en van wie het komt",
            where="KRACHTWIJK_URL, KRACHTWIJK_MAIL_FROM",
            mend="Geef bij KRACHTWIJK_MAIL ook het adres van de site en dat van de afzender",
        )
    ssl = parts.scheme == "smtps"
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if ssl else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": ssl,
        "EMAIL_USE_TLS": not ssl and dict(parse_qsl(parts.query)).get("tls") != "0",
    }


globals().update(_mail(os.environ.get("KRACHTWIJK_MAIL", "")))

#: Version of the message in which payments go to the bank.
SEPA_SCHEMA = os.environ.get("KRACHTWIJK_SEPA") or "pain.001.001.09"
if SEPA_SCHEMA not in ("pain.001.001.03", "pain.001.001.09", "pain.001.001.10", "pain.001.001.11"):
    raise KrachtwijkError(
        f"KRACHTWIJK_SEPA is {SEPA_SCHEMA!r}",
        where="KRACHTWIJK_SEPA",
        mend="Geef een versie van pain.001 die uw bank aanneemt: pain.001.001.03, .09, .10 of .11",
    )

INSTALLED_APPS = [
    "krachtwijk.web.apps.accounts",
    "krachtwijk.web.apps.record",
    "krachtwijk.web.apps.outbox",
    "krachtwijk.web.apps.vouchers",
    "krachtwijk.web.apps.consultation",
    "krachtwijk.web.apps.publication",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "krachtwijk.web.compression.TextCompression",
    "krachtwijk.web.csp.ContentSecurityPolicy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    # both read nothing until a page asks who is there, which only the desks and the login do
    "django.contrib.sessions.middleware.SessionMiddleware",
    "krachtwijk.web.middleware.ChosenLanguage",
    "krachtwijk.web.middleware.KnownMethods",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "krachtwijk.web.middleware.SecondFactor",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "krachtwijk.web.urls"
WSGI_APPLICATION = "krachtwijk.web.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [WEB / "templates"],
        "OPTIONS": {
            "loaders": [("krachtwijk.web.templating.Loader", ["django.template.loaders.filesystem.Loader"])],
            "context_processors": [
                "django.template.context_processors.request",
                "krachtwijk.web.owner.owner",
            ],
        },
    }
]


def _database(url: str | None) -> dict[str, Any]:
    """SQLite under the home folder, or PostgreSQL by ``postgres://user:password@host:port/name``.

    Without a host it is the local socket; ``?host=/run/postgresql`` names its folder; other parameters (``sslmode``)
    are passed on. ``prepare_threshold``: a statement of `web/rows.py` stays prepared after so many times (5); 0: never.
    """
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": HOME / "krachtwijk.sqlite3",
            # a file, as in use: only then do threads in a test wait for one another as they do outside it
            "TEST": {"NAME": HOME / "test.sqlite3"},
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;",
            },
        }
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise KrachtwijkError(
            f"DATABASE_URL begint met {parts.scheme}",
            where="DATABASE_URL",
            mend="Gebruik postgres://gebruiker:wachtwoord@host:poort/naam of laat hem leeg voor SQLite",
        )
    options = dict(parse_qsl(parts.query))
    prepared = options.pop("prepare_threshold", "5")
    if not prepared.isdecimal():
        raise KrachtwijkError(
            f"prepare_threshold is {prepared!r}",
            where="DATABASE_URL",
            mend="Geef een heel getal, of laat het weg",
        )
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": options.pop("port", str(parts.port or "")),
        "OPTIONS": {**options, "prepare_threshold": int(prepared) or None},
        "CONN_MAX_AGE": 60,
    }


DATABASES = {"default": _database(os.environ.get("DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "desk:start"
LOGOUT_REDIRECT_URL = "publication:home"

#: The provider of the municipality by which staff may log in (`accounts/oidc.py`); off without an issuer.
OIDC_ISSUER = os.environ.get("KRACHTWIJK_OIDC_ISSUER", "").rstrip("/")
OIDC_NAME = os.environ.get("KRACHTWIJK_OIDC_NAME") or "uw gemeente"
#: Values of amr or acr in what the provider signs that stand for our second step; without them ours is asked.
OIDC_SECOND_FACTOR = tuple(v for v in os.environ.get("KRACHTWIJK_OIDC_SECOND_FACTOR", "").split(",") if v)
OIDC_RP_CLIENT_ID = os.environ.get("KRACHTWIJK_OIDC_CLIENT", "")
OIDC_RP_CLIENT_SECRET = os.environ.get("KRACHTWIJK_OIDC_SECRET", "")
if OIDC_ISSUER:
    _check_provider(OIDC_ISSUER, OIDC_RP_CLIENT_ID, OIDC_RP_CLIENT_SECRET)
OIDC_RP_SIGN_ALGO = "RS256"
OIDC_RP_SCOPES = "openid email"
OIDC_USE_PKCE = True
OIDC_CREATE_USER = False
OIDC_TIMEOUT = 10
OIDC_AUTHENTICATION_CALLBACK_URL = "accounts:oidc_return"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "krachtwijk.web.apps.accounts.oidc.Provider",
]

LANGUAGE_CODE = "nl"
#: Files of a municipality that each bring a language (docs/languages.md).
LANGUAGE_FILES = HOME / "talen"
_made = HOME / "cache" / "talen"
MORE_LANGUAGES = {
    language.code: language
    for language in languages(LANGUAGE_FILES, _made, WEB / "locale" / "en" / "LC_MESSAGES" / "django.po")
}
LANGUAGES = [*OWN.items(), *((language.code, language.name) for language in MORE_LANGUAGES.values())]
#: Django knows of most languages how they are called and read; the file says it of all.
LANG_INFO.update(
    {
        code: {"bidi": language.rtl, "code": code, "name": language.name, "name_local": language.name}
        for code, language in MORE_LANGUAGES.items()
    }
)
LANGUAGES_BIDI = [code.partition("-")[0] for code, language in MORE_LANGUAGES.items() if language.rtl]
LOCALE_PATHS = [WEB / "locale", _made]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Amsterdam"
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [WEB / "static"]
THEME = os.environ.get("KRACHTWIJK_THEME", "")
#: Changes with the theme, because pages name its file by its hash.
THEME_STAMP = ""
if THEME:
    _theme_folder = HOME / "cache" / "theme"
    THEME_STAMP = install(Path(THEME), _theme_folder)
    STATICFILES_DIRS.insert(0, _theme_folder)  # the first folder that has a file gives it
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "krachtwijk.web.static_storage.HashedWhenCollected"},
}
# before `collectstatic` (tests, a first look) static files come straight from the package
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "staticfiles.json").exists()

#: What goes wrong on our side is told where the server runs; without the question, so without what a reader typed.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {
        "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "loggers": {
        "django.request": {"handlers": ["stderr"], "level": "ERROR", "propagate": False},
        # anybody can write that
        "django.security.DisallowedHost": {"handlers": ["nowhere"], "propagate": False},
    },
}

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# no script reads a cookie, and no other site sends one along
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
SESSION_ENGINE = "krachtwijk.web.sessions"
SESSION_COOKIE_AGE = 8 * 3600  # a working day
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
#: A code of an app (or of paper) or a security key beside the password, for every desk; as a rule over https.
SECOND_FACTOR = os.environ.get("KRACHTWIJK_SECOND_FACTOR", "1" if HTTPS else "0") == "1"
#: Behind a front server that sets these headers itself, and overwrites what a visitor sends.
BEHIND_PROXY = os.environ.get("KRACHTWIJK_PROXY") == "1"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
CSRF_FAILURE_VIEW = "krachtwijk.web.apps.publication.views.reports.expired"
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
