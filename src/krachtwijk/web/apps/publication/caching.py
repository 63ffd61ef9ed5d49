# SPDX-License-Identifier: EUPL-1.2
"""A page stays the same until a run, an edition, the language or the software changes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition

from krachtwijk import __version__
from krachtwijk.web.apps.publication.store import store

View = Callable[..., HttpResponse]


def _etag(request: HttpRequest, **_: str) -> str | None:
    if settings.DEBUG:
        return None
    text = f"{__version__} {get_language()} {store().stamps()}"
    return f'W/"{hashlib.sha256(text.encode()).hexdigest()[:16]}"'


def unchanged_between_runs(view: View) -> View:
    """Answer 304 where the browser already has this page; it asks every time, so it never shows an old figure."""
    answered: View = cache_control(no_cache=True)(condition(etag_func=_etag)(view))
    return answered
