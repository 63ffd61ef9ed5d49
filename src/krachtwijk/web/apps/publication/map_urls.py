# SPDX-License-Identifier: EUPL-1.2
"""Addresses of the map and its tiles."""

from django.urls import path, re_path

from krachtwijk.web.apps.publication import map_tiles, map_views
from krachtwijk.web.apps.publication.caching import unchanged_between_runs

urlpatterns = [
    path("kaart/", unchanged_between_runs(map_views.map_page), name="map"),
    re_path(r"^tegels/(?P<name>[a-z0-9-]+)\.(?P<kind>pmtiles|geojson)$", map_tiles.tile_file, name="tiles"),
]
