# SPDX-License-Identifier: EUPL-1.2
"""Photos that people send: looked at by content, decoded, and written anew, so that nothing but the picture is left.

Where and when it was taken, by which telephone, and whatever else hides in the file stays behind.
"""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from typing import IO

from django.utils.translation import gettext
from PIL import Image, ImageOps, UnidentifiedImageError

from krachtwijk.errors import KrachtwijkError
from krachtwijk.web.apps.record.attachments import fingerprint

LARGEST = 10 * 1024 * 1024
#: long side in pixels: enough to print over half a page
LONG_SIDE = 2000
#: more would be a picture made to fill the memory
MOST_PIXELS = 80_000_000
FORMATS = ("JPEG", "PNG", "WEBP")
KIND = "image/jpeg"


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo as it is kept, and by which the file that was sent is known again."""

    content: bytes
    digest: str


def cleaned(given: IO[bytes]) -> Photo:
    """The picture in a file, upright, as JPEG without anything beside it. Raises KrachtwijkError, to be shown."""
    content = given.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise KrachtwijkError(gettext("Deze foto is te groot: hoogstens 10 MB. Maak hem kleiner."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=FORMATS) as picture:
                if picture.width * picture.height > MOST_PIXELS:
                    raise ValueError("too many pixels")
                picture.draft("RGB", (LONG_SIDE, LONG_SIDE))  # a JPEG is then decoded no larger than needed
                upright = ImageOps.exif_transpose(picture)
                upright.thumbnail((LONG_SIDE, LONG_SIDE))
                flat = _without_holes(upright)
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        OSError,
        ValueError,
        SyntaxError,
    ):
        raise KrachtwijkError(
            gettext("Dit bestand is geen foto die wij kennen. Stuur een JPEG, PNG of WebP.")
        ) from None
    made = io.BytesIO()
    flat.save(made, "JPEG", quality=82, optimize=True)
    return Photo(made.getvalue(), fingerprint(content))


def _without_holes(picture: Image.Image) -> Image.Image:
    """The picture on white, as plain colours: a new image that carries no data of the old one."""
    coloured = picture.convert("RGBA")
    flat = Image.new("RGB", coloured.size, "white")
    flat.paste(coloured, mask=coloured.getchannel("A"))
    return flat
