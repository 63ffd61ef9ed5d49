# SPDX-License-Identifier: EUPL-1.2
"""Settings, all from the environment; with none set, a safe local installation on SQLite."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from krachtwijk.errors import KrachtwijkError
from krachtwijk.warehouse import default_home
from krachtwijk.web.secret import local_secret

WEB = Path(__file__).resolve().parent
HOME = default_home()

DEBUG = os.environ.get("KRACHTWIJK_DEBUG") == "1"
SECRET_KEY = os.environ.get("KRACHTWIJK_SECRET_KEY") or local_secret(HOME)
ALLOWED_HOSTS = os.environ.get("KRACHTWIJK_HOSTS", "127.0.0.1,localhost,[::1]").split(",")

INSTALLED_APPS = [
    "krachtwijk.web.apps.accounts",
    "krachtwijk.web.apps.record",
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
    "krachtwijk.web.middleware.ChosenLanguage",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "krachtwijk.web.urls"
WSGI_APPLICATION = "krachtwijk.web.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [WEB / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]


def _database(url: str | None) -> dict[str, Any]:
    """SQLite under the home folder, or PostgreSQL by ``postgres://user:password@host:port/name``.

    Without a host it is the local socket; ``?host=/run/postgresql`` names its folder; other parameters (``sslmode``)
    are passed on.
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
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": options.pop("port", str(parts.port or "")),
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
    }


DATABASES = {"default": _database(os.environ.get("DATABASE_URL"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"

LANGUAGE_CODE = "nl"
LANGUAGES = [("nl", "Nederlands"), ("en", "English")]
LOCALE_PATHS = [WEB / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Europe/Amsterdam"
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [WEB / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "krachtwijk.web.static_storage.HashedWhenCollected"},
}
# before `collectstatic` (tests, a first look) static files come straight from the package
WHITENOISE_USE_FINDERS = not (STATIC_ROOT / "staticfiles.json").exists()

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
