# SPDX-License-Identifier: EUPL-1.2
"""What every answer tells a browser: what it may do, how long to keep it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from krachtwijk.warehouse import Warehouse

#: the command asks the database, in a process of its own
pytestmark = pytest.mark.database

ROOT = Path(__file__).resolve().parents[2]
#: Every address of the public site with an example for each part; what is not listed is refused below.
EXAMPLES = {
    "code": "BU03610300",
    "programme_id": "krachtwijken-2007",
    "area_id": "AW01",
    "slug": "privacy",
    "edition_id": "bestaat-niet",
    "indicator_id": "inwoners",
    "theme_id": "wonen",
    "table": "reeks",
    "number": "1",
    "name": "kaart",
    "kind": "csv",
    "type": "decision",
    "form": "pdf",
}
UUID = "00000000-0000-4000-8000-000000000000"
#: Pages with a form or a question: never kept, so without ETag.
FRESH = {"search", "suggestions", "report", "tiles", "download"}


def patterns(found: list[URLPattern | URLResolver], before: str = "") -> list[tuple[str, URLPattern]]:
    listed = []
    for entry in found:
        at = before + str(entry.pattern)
        listed += patterns(entry.url_patterns, at) if isinstance(entry, URLResolver) else [(at, entry)]
    return listed


def example(pattern: str) -> str:
    """An address that fits a pattern, of either kind."""
    text = re.sub(
        r"<(?:(\w+):)?(\w+)>",
        lambda m: EXAMPLES.get(m[2], "1" if m[1] == "int" else UUID if m[1] == "uuid" else "bestaat-niet"),
        re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", pattern),
    )
    return "/" + text.replace("^", "").replace("$", "").replace("\\", "")


ALL = patterns(get_resolver().url_patterns)


@pytest.mark.django_db
def test_every_address_answers_with_the_headers_that_keep_a_reader_safe(client: Client) -> None:
    assert len(ALL) > 40
    for pattern, _ in ALL:
        answer = client.get(example(pattern))
        assert answer.status_code < 500, pattern
        policy = answer.headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy, pattern
        assert "unsafe" not in policy
        assert "://" not in policy
        assert "geolocation=()" in answer.headers["Permissions-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_every_public_page_that_is_the_same_for_all_says_so(client: Client) -> None:
    public = [
        (p, e)
        for p, e in ALL
        if getattr(e, "name", "") and e.lookup_str.startswith("krachtwijk.web.apps.publication.views")
    ]
    public = [(p, e) for p, e in public if ".desk." not in e.lookup_str]
    assert len(public) > 30
    for pattern, entry in public:
        answer = client.get(example(pattern))
        if entry.name in FRESH or answer.status_code != 200:
            continue
        assert answer.headers.get("ETag"), pattern
        assert "no-cache" in answer.headers["Cache-Control"], pattern
        assert not answer.cookies, pattern
        again = client.get(example(pattern), headers={"if-none-match": answer.headers["ETag"]})
        assert again.status_code == 304, pattern


@pytest.mark.django_db
def test_a_staff_cookie_costs_a_public_page_nothing(client: Client, django_assert_num_queries) -> None:
    from krachtwijk.web.apps.accounts.models import User

    client.force_login(User.objects.create_user("anna", password="x"))
    with django_assert_num_queries(0):
        answer = client.get("/gebied/BU03610300/")
    assert answer.status_code == 200
    assert not answer.cookies


def test_desks_and_forms_are_kept_by_nobody() -> None:
    answer = Client().get("/klopt-dit-niet/")
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.cookies["csrftoken"]["httponly"]
    assert answer.cookies["csrftoken"]["samesite"] == "Lax"


def test_https_and_static_files_as_served(built: Warehouse) -> None:
    """In a process of its own: with other settings, and the files that the demonstration collected."""
    script = (
        "import django; django.setup()\n"
        "from django.templatetags.static import static\n"
        "from django.test import Client\n"
        "site = Client(headers={'x-forwarded-proto': 'https'})\n"
        "for at in (static('krachtwijk/site.css'), '/over/contact/', '/klopt-dit-niet/'):\n"
        "    a = site.get(at, headers={'x-forwarded-proto': 'https'})\n"
        "    print(a.status_code, a.headers.get('Cache-Control'), a.headers.get('Strict-Transport-Security'),\n"
        "          'Content-Security-Policy' in a.headers, [bool(c['secure']) for c in a.cookies.values()], sep='|')\n"
    )
    base = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "DJANGO_SETTINGS_MODULE": "krachtwijk.web.settings",
            "KRACHTWIJK_HOSTS": "testserver", "KRACHTWIJK_HOME": str(built.home)}  # fmt: skip

    def lines(**change: str) -> list[list[str]]:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script],
            env={**base, **change}, capture_output=True, text=True, check=True,
        )  # fmt: skip
        return [line.split("|") for line in done.stdout.splitlines()]

    css, page, form = lines(KRACHTWIJK_HTTPS="1", KRACHTWIJK_PROXY="1")
    assert css[:2] == ["200", "max-age=315360000, public, immutable"]
    assert "max-age=31536000" in page[2]
    assert [css[3], page[3], form[3]] == ["True"] * 3
    assert form[4] == "[True]"
    assert [line[2] for line in lines()] == ["None"] * 3
