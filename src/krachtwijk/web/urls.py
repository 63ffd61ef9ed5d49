# SPDX-License-Identifier: EUPL-1.2
"""All addresses of the site."""

from django.urls import include, path

urlpatterns = [path("", include("krachtwijk.web.apps.publication.urls"))]
