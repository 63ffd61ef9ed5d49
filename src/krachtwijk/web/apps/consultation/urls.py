# SPDX-License-Identifier: EUPL-1.2
"""What everybody sees of consultations, and voting with a code."""

from django.urls import path

from krachtwijk.web.apps.consultation.views import public, questions

app_name = "consultation"
urlpatterns = [
    path("", public.home, name="home"),
    path("<int:number>/", public.consultation, name="consultation"),
    path("<int:number>/stem/", public.vote, name="vote"),
    path("<int:number>/bewijs/<uuid:receipt>/", public.receipt, name="receipt"),
    path("<int:number>/stembiljetten.pb", public.ballots_file, name="ballots"),
    path("<int:number>/telverslag.jsonl", public.count_log, name="count_log"),
    path("inspraak/<int:number>/", questions.question, name="question"),
]
