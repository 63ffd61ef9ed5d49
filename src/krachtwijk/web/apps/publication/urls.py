# SPDX-License-Identifier: EUPL-1.2
"""Public pages."""

from django.urls import path

from krachtwijk.web.apps.publication import map_urls, views
from krachtwijk.web.apps.publication.caching import unchanged_between_runs as page

app_name = "publication"
urlpatterns = [
    path("", page(views.home), name="home"),
    path("gebied/", views.search, name="search"),  # every question is another page: not kept
    path("gebied/<str:code>/", page(views.area), name="area"),
    path("gebied/<str:code>/<slug:table>.csv", page(views.area_csv), name="area_csv"),
    path("programma/", page(views.programmes), name="programmes"),
    path("programma/<slug:programme_id>/", page(views.programme), name="programme"),
    path("programma/<slug:programme_id>/<slug:table>.csv", page(views.programme_csv), name="programme_csv"),
    path("programma/<slug:programme_id>/<slug:area_id>/", page(views.programme_area), name="programme_area"),
    path("methode/", page(views.methods), name="methods"),
    path("methode/<slug:slug>/", page(views.method), name="method"),
    path("bronnen/", page(views.sources), name="sources"),
    path("bronnen/<str:edition_id>/", page(views.source), name="source"),
    *map_urls.urlpatterns,
]
