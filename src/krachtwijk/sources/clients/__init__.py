# SPDX-License-Identifier: EUPL-1.2
"""Live publications: fetched into the cache as a file of the kind that `ingest_file` takes."""

from krachtwijk.sources.clients.fetched import Fetched
from krachtwijk.sources.clients.leefbaarometer import fetch_leefbaarometer
from krachtwijk.sources.clients.odata import fetch_cbs3, fetch_cbs4
from krachtwijk.sources.clients.web import Progress, Web

#: What `krachtwijk fetch` knows: each takes a Web, the name of a table or layer, and a filter (may be empty).
FETCHERS = {"cbs4": fetch_cbs4, "cbs3": fetch_cbs3, "leefbaarometer": fetch_leefbaarometer}

__all__ = ["FETCHERS", "Fetched", "Progress", "Web", "fetch_cbs3", "fetch_cbs4", "fetch_leefbaarometer"]
