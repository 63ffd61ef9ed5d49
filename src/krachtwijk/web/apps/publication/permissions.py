# SPDX-License-Identifier: EUPL-1.2
"""Who sees and follows up early warnings. They are not public: naming an area costs its homes 3 to 5 %.

The people of a municipality see its areas and decide about them; those of the State see all, may ask somebody to look
and by when, and decide about what is their own; who checks reads everything and changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from krachtwijk.web.apps.accounts.models import RoleArea, User
from krachtwijk.web.apps.accounts.permissions import (
    WARNINGS_AUDIT,
    WARNINGS_CITY,
    WARNINGS_STATE,
    roles_of,
)
from krachtwijk.web.apps.publication.models import Waarschuwing

View = Callable[..., HttpResponse]


@dataclass(frozen=True, slots=True)
class Reach:
    """The warnings somebody sees: of every municipality, or of these; ``state``: works for the State."""

    user: User
    everywhere: bool
    state: bool
    municipalities: frozenset[str]

    def sees(self, municipality: str | None) -> bool:
        """Whether warnings of areas in this municipality are shown."""
        return self.everywhere or municipality in self.municipalities

    def may_assign(self, municipality: str | None) -> bool:
        """Whether this person may say who looks at a warning, and by when."""
        return self.state or municipality in self.municipalities

    def may_decide(self, municipality: str | None, known: Waarschuwing | None) -> bool:
        """Whether this person may write down what was decided."""
        own = known is not None and known.owner_id == self.user.pk
        return municipality in self.municipalities or (self.state and own)


def reach_of(user: User) -> Reach | None:
    """What a person who is logged in sees of the warnings; None where that is nothing."""
    roles = roles_of(user)
    cities: frozenset[str] = frozenset()
    if WARNINGS_CITY in roles:
        held = RoleArea.objects.filter(user=user, role=WARNINGS_CITY)
        cities = frozenset(held.values_list("area", flat=True))
    everywhere = bool(roles & {WARNINGS_STATE, WARNINGS_AUDIT})
    return Reach(user, everywhere, WARNINGS_STATE in roles, cities) if everywhere or cities else None


def may_own(municipalities: Iterable[str | None]) -> list[User]:
    """Who can be asked to look at warnings in all of these municipalities: their own people, and those of the State."""
    wanted = set(municipalities)
    held: dict[int, set[str | None]] = {}
    for user, place in RoleArea.objects.filter(role=WARNINGS_CITY).values_list("user", "area"):
        held.setdefault(user, set()).add(place)
    local = [user for user, places in held.items() if wanted <= places]
    able = Q(groups__name=WARNINGS_STATE) | Q(groups__name=WARNINGS_CITY, pk__in=local)
    found = User.objects.filter(able, is_active=True).distinct()
    return list(found.order_by("last_name", "first_name", "username"))


def for_warnings(view: View) -> View:
    """Only for who sees some warnings; the view gets their `Reach`. Never kept by a browser."""

    @wraps(view)
    def answer(request: HttpRequest, **named: object) -> HttpResponse:
        reach = reach_of(request.user)
        if reach is None:
            raise PermissionDenied
        return view(request, reach, **named)

    guarded: View = never_cache(login_required(answer))
    return guarded
