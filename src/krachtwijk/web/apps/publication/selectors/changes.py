# SPDX-License-Identifier: EUPL-1.2
"""What changed in published figures, and when."""

from __future__ import annotations

import datetime

from krachtwijk.warehouse import Change
from krachtwijk.web.apps.publication.store import store

#: For so many days after a change the source line of a page says so.
RECENT = datetime.timedelta(days=90)


def changes() -> list[Change]:
    """Every change of figures by a run, newest first."""
    return store().changes()


def recently_changed(today: datetime.date) -> dict[str, str]:
    """Of runs that changed figures in the last 90 days: when (ISO), by run."""
    since = (today - RECENT).isoformat()
    return {c.after: c.made_at for c in reversed(changes()) if c.made_at[:10] >= since}
