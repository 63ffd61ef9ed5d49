# SPDX-License-Identifier: EUPL-1.2
"""Personal data that must be kept for a while stand sealed (Fernet: AES-128 with HMAC) in the database.

Keys follow from KRACHTWIJK_DATA_KEYS, newest first, and at last from the signing key, so that what was sealed before
the first data key was set still opens. To change keys put the new one in front and keep the old one until the
retention command has removed what it sealed.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from functools import lru_cache

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def _keys() -> MultiFernet:
    return _box((*settings.DATA_KEYS, settings.SECRET_KEY))


# deriving takes longer than sealing; a process knows only its own few keys
@lru_cache(maxsize=8)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(key, "sealing"))) for key in keys])


@lru_cache(maxsize=32)
def _derived(key: str, purpose: str) -> bytes:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"krachtwijk.{purpose}".encode())
    return made.derive(key.encode())


def seal(text: str) -> str:
    """The text, readable only with a key; empty stays empty."""
    return _keys().encrypt(text.encode()).decode("ascii") if text else ""


def unseal(sealed: str) -> str | None:
    """The text, or None where no key of this installation opens it."""
    if not sealed:
        return ""
    try:
        return _keys().decrypt(sealed.encode("ascii")).decode()
    except InvalidToken:
        return None


def keyed(purpose: str, text: str) -> str:
    """A hash of the text that nobody can make without the key of this installation, to find the same text again.

    It follows from the signing key, and so does not change when the data keys are.
    """
    return hmac.new(_derived(settings.SECRET_KEY, purpose), text.encode(), hashlib.sha256).hexdigest()
