# SPDX-License-Identifier: EUPL-1.2
"""What everybody sees of residents' money, and what the initiator does with a code."""

from django.urls import path

from krachtwijk.web.apps.vouchers.views import example, home

app_name = "vouchers"
urlpatterns = [
    path("", home.home, name="home"),
    path("voorbeeld/", example.people, name="example"),
]
