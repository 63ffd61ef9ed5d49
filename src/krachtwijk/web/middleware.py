# SPDX-License-Identifier: EUPL-1.2
"""The language of a page: Dutch, unless the reader chose otherwise; and what is no question to this site."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.cache import patch_vary_headers

#: The parameter that asks for one answer in a language: for links that are shared, indexed and embedded.
PARAMETER = "taal"


class ChosenLanguage:
    """Follow the address first, then the language cookie, and nothing else.

    Many Dutch readers have an English browser, so the browser's own list of languages says too little. An address with
    ``?taal=en`` answers in that language for everybody and sets no cookie.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in the chosen language and say which it is."""
        known = dict(settings.LANGUAGES)
        asked = request.GET.get(PARAMETER)
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
        language = next((c for c in (asked, chosen) if c in known), settings.LANGUAGE_CODE)
        with translation.override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        patch_vary_headers(response, ["Cookie"])
        return response


#: What browsers send to this site.
METHODS = ("GET", "HEAD", "POST", "OPTIONS")


class KnownMethods:
    """405 with a sentence for what no page answers to."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or say why not."""
        if request.method not in METHODS:
            refused = HttpResponse(status=405, headers={"Allow": ", ".join(METHODS)})
        else:
            refused = self.get_response(request)
        if refused.status_code == 405 and not refused.streaming and not refused.content:
            refused.content = render_to_string("405.html")
        return refused


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page of a request that cannot be read. It asks nothing of that request: its host may be false."""
    return HttpResponse(render_to_string("400.html"), status=400)
