# SPDX-License-Identifier: EUPL-1.2
"""The second factor of who works at a desk: a code of an app (TOTP, RFC 6238), or a printed code that works once.

The secret is kept sealed with the key of the installation, of a printed code only a keyed hash. A code of the app is
taken once, so that who looks over a shoulder cannot use it again.
"""

from __future__ import annotations

import base64
import secrets
import time
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django_otp.oath import TOTP

from krachtwijk.web.apps.accounts.models import SecondFactor, User
from krachtwijk.web.apps.accounts.services import forget_attempts, may_try
from krachtwijk.web.apps.record import codes
from krachtwijk.web.apps.record import services as record
from krachtwijk.web.sealing import seal, unseal

__all__ = [
    "PRINTED",
    "address",
    "begin",
    "check",
    "confirm",
    "has",
    "passed",
    "remember",
    "reset",
    "secret_of",
]

#: How many printed codes somebody gets.
PRINTED = 10
PURPOSE = "tweede stap"
#: What the session holds once the second step was taken: which factor it was.
_SESSION = "tweede-stap"
#: Seconds of one code, and how many codes before and after the present one are taken for clocks that differ.
_STEP, _TOLERANCE = 30, 1


def _subject(user: User) -> str:
    return f"account {user.pk}"


def has(user: User) -> SecondFactor | None:
    """The factor that somebody set up; None where they did not (yet)."""
    return SecondFactor.objects.filter(user=user).exclude(confirmed_at=None).first()


def begin(*, user: User) -> SecondFactor:
    """A factor to be set up, the same one until it is confirmed."""
    found = SecondFactor.objects.filter(user=user, confirmed_at=None).first()
    if found is not None and secret_of(found):
        return found
    SecondFactor.objects.filter(user=user, confirmed_at=None).delete()
    made = base64.b32encode(secrets.token_bytes(20)).decode("ascii")
    return SecondFactor.objects.create(user=user, secret=seal(made))


def secret_of(factor: SecondFactor) -> str:
    """The secret as people type it into an app; empty where no key of the installation opens it."""
    return unseal(factor.secret) or ""


def address(factor: SecondFactor) -> str:
    """What the QR code says, as the apps expect it."""
    label = quote(f"{settings.SITE_NAME}:{factor.user.get_username()}")
    return f"otpauth://totp/{label}?{urlencode({'secret': secret_of(factor), 'issuer': settings.SITE_NAME})}"


def _step(factor: SecondFactor, code: str) -> int | None:
    """The number of the half minute that this code belongs to."""
    secret = secret_of(factor)
    if not secret or len(code) != 6 or not (code.isascii() and code.isdecimal()):
        return None
    totp = TOTP(base64.b32decode(secret), step=_STEP)
    totp.time = time.time()
    now = totp.t()
    for step in range(now - _TOLERANCE, now + _TOLERANCE + 1):
        totp.time = step * _STEP
        if secrets.compare_digest(f"{totp.token():06d}", code):
            return step
    return None


def _taken(factor: SecondFactor, code: str) -> bool:
    """Whether the code of the app is right and was not used before; used from now on."""
    step = _step(factor, code)
    if step is None:
        return False
    return bool(SecondFactor.objects.filter(pk=factor.pk, last_step__lt=step).update(last_step=step))


def _plain(given: str) -> str:
    return "".join(given.split())


def check(*, user: User, given: str) -> bool | None:
    """Whether this code of the app or of paper is right; None where it was tried too often (as a password is)."""
    factor = has(user)
    if not may_try(username=f"{PURPOSE} {user.pk}"):
        return None
    if factor is None:
        return False
    right = _taken(factor, _plain(given))
    if not right and codes.subject_of(purpose=PURPOSE, given=given) == _subject(user):
        right = codes.spend(purpose=PURPOSE, given=given) == _subject(user)
        if right:
            _tell(user, "code van papier gebruikt", user.get_username())
    if right:
        forget_attempts(username=f"{PURPOSE} {user.pk}")
    return right


@transaction.atomic
def confirm(*, user: User, given: str) -> list[str] | None:
    """Set the factor up with a first code of the app: the printed codes, shown this once. Earlier ones end.

    None where the code is wrong, or was tried too often.
    """
    factor = begin(user=user)
    if not may_try(username=f"{PURPOSE} {user.pk}") or not _taken(factor, _plain(given)):
        return None
    SecondFactor.objects.filter(user=user).exclude(pk=factor.pk).delete()
    SecondFactor.objects.filter(pk=factor.pk).update(confirmed_at=timezone.now())
    codes.withdraw(purpose=PURPOSE, subject=_subject(user))
    forget_attempts(username=f"{PURPOSE} {user.pk}")
    _tell(user, "tweede stap ingesteld", user.get_username())
    return [codes.make(purpose=PURPOSE, subject=_subject(user)) for _ in range(PRINTED)]


@transaction.atomic
def reset(*, user: User, actor_name: str, reason: str) -> bool:
    """Take the factor away, for who lost phone and paper; False where there was none. Open sessions end with it."""
    removed, _ = SecondFactor.objects.filter(user=user).delete()
    codes.withdraw(purpose=PURPOSE, subject=_subject(user))
    if removed:
        _tell(user, "tweede stap weggehaald", actor_name, reason)
    return bool(removed)


def reseal() -> int:
    """Seal every secret anew with the newest key of the installation; how many. May be run again."""
    count = 0
    for factor in SecondFactor.objects.iterator(chunk_size=500):
        if secret := secret_of(factor):
            count += SecondFactor.objects.filter(pk=factor.pk).update(secret=seal(secret))
    return count


def _tell(user: User, kind: str, actor_name: str, reason: str = "") -> None:
    record.append(stream="toegang", subject=_subject(user), kind=kind, actor_name=actor_name, reason=reason)


def remember(request: HttpRequest, user: User) -> None:
    """The second step was taken in this session."""
    request.session.cycle_key()
    request.session[_SESSION] = has(user).pk  # type: ignore[union-attr]


def passed(request: HttpRequest, factor: SecondFactor | None) -> bool:
    """Whether the second step was taken in this session, with the factor that somebody has now."""
    return factor is not None and request.session.get(_SESSION) == factor.pk
