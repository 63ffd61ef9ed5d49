# SPDX-License-Identifier: EUPL-1.2
"""Desks of those who look after the site, behind the login."""

from django.urls import path

from krachtwijk.web.apps.publication.views import desk, warning_desk

app_name = "desk"
urlpatterns = [
    path("", desk.start, name="start"),
    path("meldingen/", desk.reports, name="reports"),
    path("meldingen/<int:number>/", desk.report, name="report"),
    path("waarschuwingen/", warning_desk.queue, name="warnings"),
    path("waarschuwingen/lijst.csv", warning_desk.queue_csv, name="warnings_csv"),
    path("waarschuwingen/toewijzen/", warning_desk.assign, name="warnings_assign"),
    path("waarschuwingen/<slug:level>/<str:period>/<str:code>/", warning_desk.warning, name="warning"),
    path("inlezen/", desk.intake, name="intake"),
    path("rekenen/", desk.compute, name="compute"),
]
