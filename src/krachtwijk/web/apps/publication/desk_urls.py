# SPDX-License-Identifier: EUPL-1.2
"""Desks of those who look after the site, behind the login."""

from django.urls import path

from krachtwijk.web.apps.publication.views import desk

app_name = "desk"
urlpatterns = [
    path("", desk.start, name="start"),
    path("meldingen/", desk.reports, name="reports"),
    path("meldingen/<int:number>/", desk.report, name="report"),
    path("inlezen/", desk.intake, name="intake"),
    path("rekenen/", desk.compute, name="compute"),
]
