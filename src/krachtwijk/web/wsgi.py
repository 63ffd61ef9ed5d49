# SPDX-License-Identifier: EUPL-1.2
"""The WSGI entry that granian serves."""

import os
from threading import Thread

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "krachtwijk.web.settings")
application = get_wsgi_application()


def _warm() -> None:
    """Read beside the first answers, in each process once, what the first search and the first page need."""
    from krachtwijk.web.apps.publication import selectors
    from krachtwijk.web.apps.publication.store import store

    if selectors.has_data():
        selectors.search("nederland")
        for name in store().names():
            store().table(name)


Thread(target=_warm, daemon=True).start()
