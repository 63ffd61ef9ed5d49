# SPDX-License-Identifier: EUPL-1.2
"""Public pages."""

from django.urls import path

from krachtwijk.web.apps.publication import map_urls, views

app_name = "publication"
urlpatterns = [path("gebied/<str:code>/", views.area, name="area")]
urlpatterns += map_urls.urlpatterns
