# SPDX-License-Identifier: EUPL-1.2
"""Who may do what: a role is a Django group."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

from krachtwijk.web.apps.accounts.models import User

#: May take in publications and have the results computed.
DATA = "Gegevensbeheer"
#: May read and answer what readers report.
EDITORS = "Redactie"
ROLES = (DATA, EDITORS)

View = Callable[..., HttpResponse]


def roles_of(user: User | AnonymousUser) -> frozenset[str]:
    """The roles of a person; a superuser has them all."""
    if not user.is_authenticated or not user.is_active:
        return frozenset()
    if user.is_superuser:
        return frozenset(ROLES)
    return frozenset(user.groups.values_list("name", flat=True)) & frozenset(ROLES)


def role_required(role: str) -> Callable[[View], View]:
    """Only for who has the role: others log in first, or read that they may not."""

    def decorate(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, **named: object) -> HttpResponse:
            if role not in roles_of(request.user):
                raise PermissionDenied
            return view(request, **named)

        guarded: View = login_required(answer)
        return guarded

    return decorate
