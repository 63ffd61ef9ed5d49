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
#: May follow up early warnings: of a municipality its own areas, of the State all areas.
WARNINGS_CITY = "Waarschuwingen gemeente"
WARNINGS_STATE = "Waarschuwingen Rijk"
#: Reads all warnings and what was done about them, and changes nothing.
WARNINGS_AUDIT = "Waarschuwingen controle"
WARNINGS = frozenset({WARNINGS_CITY, WARNINGS_STATE, WARNINGS_AUDIT})
ROLES = (DATA, EDITORS, WARNINGS_CITY, WARNINGS_STATE, WARNINGS_AUDIT)
#: Roles that are held for a municipality (`models.RoleArea`).
LOCAL = frozenset({WARNINGS_CITY})
#: Roles that one person does not hold together: who checks does not take part.
APART = (frozenset({WARNINGS_AUDIT, WARNINGS_CITY}), frozenset({WARNINGS_AUDIT, WARNINGS_STATE}))

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
