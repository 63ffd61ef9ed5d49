# SPDX-License-Identifier: EUPL-1.2
"""Whose site this is, for every template."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def owner(request: HttpRequest) -> dict[str, str]:
    """``our_name``, ``our_owner`` and ``our_contact``: the last two are empty where nobody filled them in.

    (Django's own login page has a ``site_name``, which is the host.)
    """
    return {
        "our_name": settings.SITE_NAME,
        "our_owner": settings.OWNER,
        "our_contact": settings.CONTACT,
    }
