# SPDX-License-Identifier: EUPL-1.2
"""All addresses of the site."""

from django.urls import include, path
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language

handler400 = "krachtwijk.web.middleware.bad_request"
handler404 = "krachtwijk.web.apps.publication.views.home.not_found"

urlpatterns = [
    # choosing a language changes nothing but a cookie; without a token public pages stay free of cookies
    path("taal/", csrf_exempt(set_language), name="set_language"),
    path("", include("krachtwijk.web.apps.accounts.urls")),
    # before those of vouchers: there a fund or a page may have any name
    path(
        "beheer/bewonersgeld/<slug:fund>/raadpleging/", include("krachtwijk.web.apps.consultation.desk_urls")
    ),
    path("beheer/bewonersgeld/", include("krachtwijk.web.apps.vouchers.desk_urls")),
    path("beheer/", include("krachtwijk.web.apps.publication.desk_urls")),
    path("bewonersgeld/raadpleging/", include("krachtwijk.web.apps.consultation.urls")),
    path("bewonersgeld/", include("krachtwijk.web.apps.vouchers.urls")),
    path("", include("krachtwijk.web.apps.publication.urls")),
]
