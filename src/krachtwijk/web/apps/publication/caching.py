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
from django.utils.translation import get_language
from django.views.decorators.cache import cache_control
from django.views.decorators.http import condition

from krachtwijk import __version__
from krachtwijk.web.apps.publication.store import store

View = Callable[..., HttpResponse]

#: Pages kept per process, about 40 kB each; the one made first goes first.
LIMIT = 400
_made: dict[tuple[str, str], tuple[bytes, dict[str, str]]] = {}
_lock = Lock()


def _state() -> str:
    """Short text that changes when anything a page is made of does."""
    text = f"{__version__} {get_language()} {store().warehouse.home} {store().stamps()}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _etag(request: HttpRequest, **_: str) -> str | None:
    return None if settings.DEBUG else f'W/"{_state()}"'


def _made_once(view: View) -> View:
    @wraps(view)
    def answer(request: HttpRequest, **named: str) -> HttpResponse:
        if settings.DEBUG or request.method != "GET":
            return view(request, **named)
        key = (_state(), request.get_full_path())
        known = _made.get(key)
        if known is not None:
            return HttpResponse(known[0], headers=known[1])
        response = view(request, **named)
        if response.status_code == 200:
            with _lock:
                while len(_made) >= LIMIT:
                    del _made[next(iter(_made))]
                _made[key] = (response.content, dict(response.headers))
        return response

    return answer


def unchanged_between_runs(view: View) -> View:
    """Answer 304 where the browser already has this page; it asks every time, so it never shows an old figure."""
    answered: View = cache_control(no_cache=True)(condition(etag_func=_etag)(_made_once(view)))
    return answered
