# SPDX-License-Identifier: EUPL-1.2
"""Invented people for the desk of early warnings in the demonstration: a role each, and nothing decided by them.

The areas are real, so no decision about them is invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from django.db import transaction

from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.accounts.permissions import WARNINGS_AUDIT, WARNINGS_CITY, WARNINGS_STATE
from krachtwijk.web.apps.accounts.services import give_role
from krachtwijk.web.apps.vouchers import season

__all__ = ["PEOPLE", "build", "logins"]


class Place(NamedTuple):
    """A role, and the municipality it is held for where it is."""

    role: str
    area: str = ""


PEOPLE: Mapping[str, Place] = {
    "voorbeeld-gemeente": Place(WARNINGS_CITY, "GM0361"),
    "voorbeeld-rijk": Place(WARNINGS_STATE),
    "voorbeeld-controle": Place(WARNINGS_AUDIT),
}


@transaction.atomic
def build() -> bool:
    """Make the people, once; False where they are there."""
    if User.objects.filter(username__in=PEOPLE).exists():
        return False
    for username, (role, area) in PEOPLE.items():
        user = User(username=username, first_name="Voorbeeld", last_name=username.removeprefix("voorbeeld-"))
        user.set_password(season.password(username))
        user.save()
        give_role(user=user, role=role, area=area)
    return True


def logins() -> list[tuple[str, str, str]]:
    """(role, name, password) of the people that were made; empty where none were."""
    there = set(User.objects.filter(username__in=PEOPLE).values_list("username", flat=True))
    return [
        (f"{place.role} {place.area}".strip(), name, season.password(name))
        for name, place in PEOPLE.items()
        if name in there
    ]
