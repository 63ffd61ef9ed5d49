# SPDX-License-Identifier: EUPL-1.2
"""Serving map tiles: PMTiles are read by byte range (RFC 9110 §14) and live in the home, not among static files."""

from __future__ import annotations

import re
from pathlib import Path

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

from krachtwijk.geography.tiles import folder
from krachtwijk.warehouse import Warehouse

TYPES = {"pmtiles": "application/vnd.pmtiles", "geojson": "application/geo+json"}
#: No file is larger than eighteen figures say, and Python reads no number of thousands.
RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def tile_file(request: HttpRequest, name: str, kind: str) -> HttpResponseBase:
    """A file of `<home>/tiles`: whole (200), a range of it (206), not changed (304) or outside it (416)."""
    path = folder(Warehouse()) / f"{name}.{kind}"
    try:
        facts = path.stat()
    except FileNotFoundError:
        raise Http404 from None
    etag = f'"{facts.st_mtime_ns:x}-{facts.st_size:x}"'
    unchanged = get_conditional_response(request, etag=etag)
    response = unchanged if unchanged is not None else _content(request, path, facts.st_size, etag)
    response.headers["ETag"] = etag
    response.headers["Accept-Ranges"] = "bytes"
    # the address carries the version, so it may be kept; the ETag settles what is left
    response.headers["Cache-Control"] = "public, max-age=86400"
    return response


def _content(request: HttpRequest, path: Path, size: int, etag: str) -> HttpResponseBase:
    kind = TYPES[path.suffix[1:]]
    wanted = RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    # several ranges, another unit or nonsense: the whole file is a correct answer; so it is when the file changed
    if wanted is None or wanted.groups() == ("", "") or request.headers.get("If-Range", etag) != etag:
        return FileResponse(path.open("rb"), content_type=kind)
    first, last = wanted.groups()
    start = int(first) if first else max(size - int(last), 0)
    end = min(int(last), size - 1) if first and last else size - 1
    if start >= size or (first and last and int(last) < start) or (not first and int(last) == 0):
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    with path.open("rb") as handle:
        handle.seek(start)
        body = handle.read(end - start + 1)
    return HttpResponse(
        body, status=206, content_type=kind, headers={"Content-Range": f"bytes {start}-{end}/{size}"}
    )
