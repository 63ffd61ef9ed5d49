# SPDX-License-Identifier: EUPL-1.2
"""A visitor of a whole installation.

Without a mark for the database pytest-django refuses every query, so each test here also shows that public pages
need none.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from krachtwijk.warehouse import Warehouse

Get = Callable[..., str]


@pytest.fixture
def client(built: Warehouse, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A visitor with a Dutch page before them."""
    monkeypatch.setenv("KRACHTWIJK_HOME", str(built.home))
    return Client(headers={"accept-language": "en-US,en;q=0.9"})


@pytest.fixture
def page(client: Client) -> Get:
    """The text of a page; with ``language="en"`` the English one."""

    def get(address: str, language: str = "", status: int = 200) -> str:
        if language:
            client.cookies["django_language"] = language
        response = client.get(address)
        assert response.status_code == status, address
        return response.content.decode()

    return get
