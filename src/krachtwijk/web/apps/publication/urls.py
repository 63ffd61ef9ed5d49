# SPDX-License-Identifier: EUPL-1.2
"""Public pages."""

from django.urls import path

from krachtwijk.web.apps.publication import views

app_name = "publication"
urlpatterns = [path("gebied/<str:code>/", views.area, name="area")]
