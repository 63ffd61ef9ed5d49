# SPDX-License-Identifier: EUPL-1.2
"""The desk of consultations, under a fund."""

from django.urls import path

from krachtwijk.web.apps.consultation.views import desk, questions

app_name = "consultationdesk"
urlpatterns = [
    path("", desk.home, name="home"),
    path("nieuw/", desk.prepare, name="prepare"),
    path("<int:number>/", desk.consultation, name="consultation"),
    path("<int:number>/brieven/", desk.make_letters, name="letters"),
    path("<int:number>/partij/<int:batch>/intrekken/", desk.withdraw, name="withdraw"),
    path("<int:number>/vervallen/", desk.annul, name="annul"),
    path("<int:number>/waarnemer/", desk.observe, name="observe"),
    path("<int:number>/loket/", desk.counter, name="counter"),
    path("<int:number>/papier/", desk.paper, name="paper"),
    path("<int:number>/handen/", desk.hands, name="hands"),
    path("<int:number>/log/", desk.log, name="log"),
    path("inspraak/nieuw/", questions.ask, name="ask"),
    path("inspraak/<int:number>/", questions.answer, name="question"),
]
