# SPDX-License-Identifier: EUPL-1.2
"""Logging in and out, in two steps where a desk asks for it."""

from django.contrib.auth.views import LoginView, LogoutView
from django.urls import path

from krachtwijk.web.apps.accounts import views
from krachtwijk.web.apps.accounts.forms import LoginForm

app_name = "accounts"
urlpatterns = [
    path(
        "inloggen/",
        LoginView.as_view(
            template_name="accounts/login.html",
            authentication_form=LoginForm,
            redirect_authenticated_user=True,
        ),
        name="login",
    ),
    path("inloggen/tweede-stap/", views.verify, name="second_step"),
    path("inloggen/tweede-stap/instellen/", views.set_up, name="second_set_up"),
    path("uitloggen/", LogoutView.as_view(http_method_names=["post", "options"]), name="logout"),
]
