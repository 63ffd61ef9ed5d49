# SPDX-License-Identifier: EUPL-1.2
"""Public pages: one list of addresses, in the order of the menu."""

from django.urls import path, re_path

from krachtwijk.web.apps.publication.caching import only_read
from krachtwijk.web.apps.publication.caching import unchanged_between_runs as page
from krachtwijk.web.apps.publication.views import (
    about,
    areas,
    certainty,
    cities,
    compare,
    dictionary,
    displacement,
    downloads,
    errata,
    explorer,
    home,
    map,
    methods,
    own_area,
    programmes,
    reports,
    residents,
    search,
    sheets,
    site,
    sources,
    themes,
    tiles,
    warnings,
)

app_name = "publication"
urlpatterns = [
    path("", page(home.home), name="home"),
    # map
    path("kaart/", page(map.map_page), name="map"),
    re_path(
        r"^tegels/(?P<name>[a-z0-9-]+)\.(?P<kind>pmtiles|geojson)$", only_read(tiles.tile_file), name="tiles"
    ),
    # areas
    path("gebied/", only_read(search.search), name="search"),  # every question is another page: not kept
    path("gebied/suggesties/", only_read(search.suggestions), name="suggestions"),
    path("gebied/<str:code>/", page(areas.area), name="area"),
    path("gebied/<str:code>/<slug:table>.csv", page(areas.area_csv), name="area_csv"),
    path("gebied/<str:code>/blad.pdf", page(sheets.area_sheet), name="area_sheet"),
    path("gebied/<str:code>/voorbeeld.png", page(sheets.area_image), name="area_image"),
    path("eigen-gebied/", page(own_area.own_area), name="own_area"),
    path("eigen-gebied/cijfers.csv", page(own_area.own_area_csv), name="own_area_csv"),
    path("vergelijk/", page(compare.compare), name="compare"),
    path("vergelijk/cijfers.csv", page(compare.compare_csv), name="compare_csv"),
    path("stad/", page(cities.cities), name="cities"),
    path("stad/<str:code>/", page(cities.city), name="city"),
    path("thema/", page(themes.themes), name="themes"),
    path("thema/<slug:theme_id>/", page(themes.theme), name="theme"),
    path("zekerheid/", page(certainty.certainty), name="certainty"),
    path("zekerheid/<str:code>/", page(certainty.certainty_area), name="certainty_area"),
    path("waarschuwing/", page(warnings.warning), name="warning"),
    path("bewoners-of-buurt/", page(residents.residents), name="residents"),
    # explorer
    path("verkenner/", page(explorer.explorer), name="explorer"),
    path("verkenner/inbedden/", explorer.may_be_framed(page(explorer.explorer_embed)), name="explorer_embed"),
    re_path(
        r"^verkenner/figuur\.(?P<kind>svg|csv|json)$", page(explorer.explorer_file), name="explorer_file"
    ),
    # programmes
    path("programma/", page(programmes.programmes), name="programmes"),
    path("programma/<slug:programme_id>/", page(programmes.programme), name="programme"),
    path(
        "programma/<slug:programme_id>/<slug:table>.csv",
        page(programmes.programme_csv),
        name="programme_csv",
    ),
    path(
        "programma/<slug:programme_id>/<slug:area_id>/",
        page(programmes.programme_area),
        name="programme_area",
    ),
    path("waterbed/", page(displacement.displacements), name="displacements"),
    path("waterbed/<slug:programme_id>/", page(displacement.displacement), name="displacement"),
    path("effect/<slug:programme_id>/", page(displacement.effect), name="effect"),
    # how figures are made, and of what
    path("methode/", page(methods.methods), name="methods"),
    path("methode/velden/", page(dictionary.dictionary), name="dictionary"),
    path("methode/velden/groep/<slug:group_id>/", page(dictionary.group), name="dictionary_group"),
    path("methode/velden/<slug:indicator_id>/", page(dictionary.indicator), name="indicator"),
    path("methode/<slug:slug>/", page(methods.method), name="method"),
    path("bronnen/", page(sources.sources), name="sources"),
    path("bronnen/<str:edition_id>/", page(sources.source), name="source"),
    path("downloads/", page(downloads.downloads), name="downloads"),
    re_path(
        r"^downloads/(?P<table>[a-z0-9-]+)\.(?P<kind>csv|csv-metadata\.json|parquet|gpkg)$",
        only_read(downloads.download),
        name="download",
    ),
    path("errata/", page(errata.errata), name="errata"),
    path("nieuw.atom", page(errata.feed), name="feed"),
    # about this site
    path("over/<slug:slug>/", page(about.about), name="about"),
    path("klopt-dit-niet/", reports.report, name="report"),
    path("sitemap.xml", page(site.sitemap), name="sitemap"),
    path("robots.txt", page(site.robots), name="robots"),
    path("voorbeeld.png", page(sheets.site_image), name="site_image"),
]
