# SPDX-License-Identifier: EUPL-1.2
"""The signing key of a local installation: made once, kept readable for its owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def local_secret(home: Path) -> str:
    """The key in `<home>/secret-key`, made on first use. Production sets KRACHTWIJK_SECRET_KEY instead."""
    path = home / "secret-key"
    try:
        return path.read_text("ascii")
    except FileNotFoundError:
        home.mkdir(parents=True, exist_ok=True)
        key = secrets.token_urlsafe(48)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another process was first
            return path.read_text("ascii")
        with os.fdopen(descriptor, "w") as handle:
            handle.write(key)
        return key
