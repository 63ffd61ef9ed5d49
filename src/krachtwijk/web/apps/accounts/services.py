# SPDX-License-Identifier: EUPL-1.2
"""Roles, and the limit on attempts to log in."""

from __future__ import annotations

from django.contrib.auth.models import Group
from django.db import transaction

from krachtwijk.errors import KrachtwijkError
from krachtwijk.geography import codes
from krachtwijk.web.apps.accounts.models import RoleArea, User
from krachtwijk.web.apps.accounts.permissions import APART, LOCAL, ROLES
from krachtwijk.web.limits import Limit

__all__ = ["blocked", "forget_attempts", "give_role", "may_try", "take_role"]

#: Failed attempts for one account, and for how many seconds they count.
ATTEMPTS = 5
COUNTS_FOR = 900


def _group(role: str) -> Group:
    if role not in ROLES:
        raise KrachtwijkError(
            f"De rol ‘{role}’ bestaat niet", where="rol", mend=f"Kies uit: {', '.join(ROLES)}"
        )
    return Group.objects.get_or_create(name=role)[0]


def _reach(role: str, area: str) -> None:
    """Whether this role is held for what was given. Raises KrachtwijkError."""
    if role not in LOCAL:
        if area:
            raise KrachtwijkError(
                f"De rol ‘{role}’ geldt niet per gemeente", where="gemeente", mend="Laat de gemeente weg"
            )
    elif codes.level(area) != "gemeente":
        raise KrachtwijkError(
            f"De rol ‘{role}’ geldt voor een gemeente, en ‘{area}’ is geen code van een gemeente",
            where="gemeente",
            mend="Geef de code, zoals GM0363",
        )


@transaction.atomic
def give_role(*, user: User, role: str, area: str = "") -> bool:
    """Give a person a role, some for a municipality; False where they had it.

    Raises KrachtwijkError on an unknown role, a role without its municipality, or one that does not go with another.
    """
    group = _group(role)
    _reach(role, area)
    held = set(user.groups.values_list("name", flat=True))
    for pair in APART:
        if role in pair and (clash := sorted((pair - {role}) & held)):
            raise KrachtwijkError(
                f"{user.get_username()} heeft de rol ‘{clash[0]}’; die gaat niet samen met ‘{role}’",
                where="rol",
                mend="Wie controleert, werkt niet mee. Neem de ene rol eerst terug",
            )
    user.groups.add(group)
    return RoleArea.objects.get_or_create(user=user, role=role, area=area)[1] if area else role not in held


@transaction.atomic
def take_role(*, user: User, role: str, area: str = "") -> bool:
    """Take a role back, one for a municipality; False where they did not have it. Raises KrachtwijkError as above."""
    group = _group(role)
    _reach(role, area)
    if role in LOCAL:
        gone = RoleArea.objects.filter(user=user, role=role, area=area).delete()[0] > 0
        if RoleArea.objects.filter(user=user, role=role).exists():
            return gone
    else:
        gone = user.groups.filter(pk=group.pk).exists()
    user.groups.remove(group)
    return gone


def _attempts(times: int) -> Limit:
    return Limit("pogingen", times, COUNTS_FOR)


def blocked(*, username: str, times: int = ATTEMPTS) -> bool:
    """Whether this name had its attempts of this quarter of an hour; writes nothing."""
    return _attempts(times).reached(username.casefold())


def may_try(*, username: str, times: int = ATTEMPTS) -> bool:
    """Write down an attempt to log in; False where this name had its attempts of this quarter of an hour.

    Written before the password is looked at, so that many attempts at once count too.
    """
    return _attempts(times).allows(username.casefold())


def forget_attempts(*, username: str) -> None:
    """After a login that succeeded."""
    _attempts(ATTEMPTS).forget(username.casefold())
