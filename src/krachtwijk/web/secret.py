# SPDX-License-Identifier: EUPL-1.2
"""The signing key of a local installation: made once, kept readable for its owner only."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def local_secret(home: Path) -> str:
    """The key in `<home>/secret-key`, made on first use. Production sets KRACHTWIJK_SECRET_KEY instead."""
    path = home / "secret-key"
    key = _held(path)
    if key:
        return key
    home.mkdir(parents=True, exist_ok=True)
    draft = home / f"secret-key.{secrets.token_hex(8)}"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(secrets.token_urlsafe(48))
    try:
        if path.exists():  # empty: whoever made it was stopped before it wrote
            draft.replace(path)
        else:
            os.link(draft, path)  # whole or not at all
    except FileExistsError:  # another process was first
        pass
    finally:
        draft.unlink(missing_ok=True)
    return _held(path)


def _held(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except FileNotFoundError:
        return ""
