# SPDX-License-Identifier: EUPL-1.2
"""A page stays the same until a run, an edition, the language or the software changes.

So a browser that has it need not get it again, and a process that made it need not make it again. Nothing on these
pages depends on who asks.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from threading import Lock

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import condition, require_safe

from krachtwijk import __version__
from krachtwijk.web.apps.publication.selectors.changes import recently_changed
from krachtwijk.web.apps.publication.store import store

View = Callable[..., HttpResponse]

#: Pages kept per process, about 40 kB each, and their bytes together; the one made first goes first.
LIMIT = 400
BYTES = 64 * 1024 * 1024
#: How often a page is made anew because a run replaced a table while it was made. A run replaces some thirty tables
#: in a row, so after this a page goes out as it is; it is not kept.
TRIES = 3
#: Settings that stand on a page.
SHOWN = (
    "SITE_NAME",
    "OWNER",
    "CONTACT",
    "ANSWER_DAYS",
    "LOG_DAYS",
    "REPORT_EMAIL_DAYS",
    "REPORT_DAYS",
    "THEME_STAMP",
)
_made: dict[tuple[str, str], tuple[bytes, dict[str, str]]] = {}
_lock = Lock()


def _state() -> str:
    """Short text that changes when anything a page is made of does."""
    shown = [getattr(settings, name) for name in SHOWN]
    held = (store().warehouse.home, store().stamps(), recently_changed(localdate()))
    parts = (__version__, shown, get_language(), *held)
    text = " ".join(str(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _etag(request: HttpRequest, **_: str) -> str | None:
    return None if settings.DEBUG else f'W/"{_state()}"'


def _keep(key: tuple[str, str], response: HttpResponse) -> None:
    size = len(response.content)
    if size > BYTES:
        return
    with _lock:
        _made.pop(key, None)
        held = sum(len(content) for content, _ in _made.values())
        while _made and (len(_made) >= LIMIT or held + size > BYTES):
            held -= len(_made.pop(next(iter(_made)))[0])
        _made[key] = (response.content, dict(response.headers))


def _made_once(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, **named: str) -> HttpResponse:
        if settings.DEBUG or request.method != "GET":
            return view(request, **named)
        for _ in range(TRIES):
            # a page names its own lasting address, so each host has its own
            key = (_state(), request.build_absolute_uri())
            known = _made.get(key)
            if known is not None:
                return HttpResponse(known[0], headers=known[1])
            response = view(request, **named)
            if response.status_code != 200:
                return response
            if _state() == key[0]:
                _keep(key, response)
                return response
            # a run replaced a table meanwhile: the page may hold figures from before and after it
        return response

    return answer


def unchanged_between_runs(view: View) -> View:
    """Answer 304 where the browser already has this page; it asks every time, so it never shows an old figure."""
    answered: View = cache_control(no_cache=True)(condition(etag_func=_etag)(_made_once(view)))
    return only_read(answered)


def only_read(view: View) -> View:
    """A page that takes nothing in: 405 for whoever sends something, which needs no token to be refused."""
    refusing: View = csrf_exempt(require_safe(view))
    return refusing
