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

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings


def _keys() -> MultiFernet:
    return MultiFernet([Fernet(_derived(key)) for key in (*settings.DATA_KEYS, settings.SECRET_KEY)])


def _derived(key: str) -> bytes:
    made = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"krachtwijk.sealing").derive(key.encode())
    return base64.urlsafe_b64encode(made)


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
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"krachtwijk.{purpose}".encode())
    made = key.derive(settings.SECRET_KEY.encode())
    return hmac.new(made, text.encode(), hashlib.sha256).hexdigest()
