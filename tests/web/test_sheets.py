# SPDX-License-Identifier: EUPL-1.2
"""An area on one sheet, and the picture of a shared link."""

from __future__ import annotations

import io
import re

import pikepdf
import pytest
from django.test import Client

CODES = ("NL", "GM0361", "GM0363", "WK036102", "BU03610202", "BU03630000", "1825", "9711")


@pytest.mark.parametrize("code", CODES)
def test_every_level_fits_on_one_sheet(client: Client, code: str) -> None:
    answer = client.get(f"/gebied/{code}/blad.pdf")
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["ETag"]
    pdf = pikepdf.open(io.BytesIO(answer.content))
    assert len(pdf.pages) == 1
    assert str(pdf.Root.Lang).startswith("nl")


def test_the_sheet_follows_the_language_and_names_its_page(client: Client) -> None:
    client.cookies["django_language"] = "en"
    answer = client.get("/gebied/1825/blad.pdf")
    pdf = pikepdf.open(io.BytesIO(answer.content))
    assert str(pdf.Root.Lang).startswith("en")
    addresses = [str(a.A.URI) for a in pdf.pages[0].Annots if "/A" in a]
    assert addresses == ["http://testserver/gebied/1825/"]


@pytest.mark.parametrize(
    ("page", "image"), [("/gebied/1825/", "/gebied/1825/voorbeeld.png"), ("/bronnen/", "/voorbeeld.png")]
)
def test_a_page_names_the_picture_that_goes_with_its_link(client: Client, page: str, image: str) -> None:
    named = re.search(r'property="og:image" content="([^"]+)"', client.get(page).content.decode())
    assert named
    assert named.group(1) == f"http://testserver{image}"
    assert client.get(image).content.startswith(b"\x89PNG")


def test_an_area_that_does_not_exist_has_no_sheet(client: Client) -> None:
    assert client.get("/gebied/BU99999999/blad.pdf").status_code == 404
    assert client.get("/gebied/BU99999999/voorbeeld.png").status_code == 404
