# SPDX-License-Identifier: EUPL-1.2
"""The WSGI entry that granian serves."""

import gc
import os
import sys
from importlib import import_module
from threading import Thread

from django.conf import settings
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "krachtwijk.web.settings")
application = get_wsgi_application()
import_module(settings.ROOT_URLCONF)  # else the first reader waits for all pages to be imported

# who holds a lock in the database and has its answer goes on soon, whatever page another thread is making
sys.setswitchinterval(0.0005)


def _warm() -> None:
    """Make beside the first answers, in each process once, what the first page of a kind would have to wait for."""
    from django.template.loader import get_template

    from krachtwijk.web.apps.publication import selectors
    from krachtwijk.web.apps.publication.selectors import certainty
    from krachtwijk.web.apps.publication.selectors.map import map_view
    from krachtwijk.web.apps.publication.selectors.own_area import own_scores
    from krachtwijk.web.apps.publication.selectors.themes import coverage
    from krachtwijk.web.apps.publication.store import store
    from krachtwijk.web.apps.vouchers import current

    current.warm()
    if selectors.has_data():
        selectors.search("nederland")
        for name in store().names():
            store().table(name)
        coverage("inwoners")
        selectors.indicators_held()
        selectors.downloads()
        map_view({})
        own_scores(selectors.areas(("BU00140001",)))
        for level in ("gemeente", "wijk", "buurt", "pc4"):
            newest = selectors.reference(level)
            if newest:
                selectors.classes(newest[0], level, newest[1])
        for spec in certainty.estimated():
            certainty.tenths(spec)
            certainty.without_score(spec)
    templates = settings.WEB / "templates"
    for path in sorted(templates.rglob("*.html")):
        get_template(str(path.relative_to(templates)))
    # all of this stays as long as the process: the search for unused objects need not walk through it again
    gc.collect()
    gc.freeze()


Thread(target=_warm, daemon=True).start()
