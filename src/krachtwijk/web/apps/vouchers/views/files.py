# SPDX-License-Identifier: EUPL-1.2
"""Photos and letters that only some may see: never guessed at by a browser, and never kept by it."""

from __future__ import annotations

from django.http import Http404, HttpResponse

from krachtwijk.web.apps.record.attachments import Kept


def file(found: tuple[Kept, bytes] | None) -> HttpResponse:
    """A file that was kept; 404 where there is none."""
    if found is None:
        raise Http404
    return _closed(found[1], found[0].kind, "inline")


def pdf(content: bytes, name: str) -> HttpResponse:
    """A letter to keep or print."""
    return _closed(content, "application/pdf", f'inline; filename="{name}.pdf"')


def _closed(content: bytes, kind: str, shown: str) -> HttpResponse:
    headers = {"Content-Disposition": shown, "Cache-Control": "private, no-store"}
    return HttpResponse(content, content_type=kind, headers=headers)
