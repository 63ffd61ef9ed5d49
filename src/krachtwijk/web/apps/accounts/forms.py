# SPDX-License-Identifier: EUPL-1.2
"""Logging in."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from krachtwijk.web.apps.accounts import services


class LoginForm(AuthenticationForm):
    """Name and password; five wrong ones close a name for a quarter of an hour."""

    error_messages: ClassVar = {
        "invalid_login": _(
            "Deze naam en dit wachtwoord horen niet bij elkaar. Kijk ze na en probeer het opnieuw."
        ),
        "inactive": _("Dit account is niet meer in gebruik. Vraag het uw beheerder."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("Gebruikersnaam")
        self.fields["password"].label = _("Wachtwoord")
        for field in self.fields.values():
            field.error_messages["required"] = _("Vul dit veld in.")

    def clean(self) -> dict[str, Any]:
        """Count the attempt, then look at the password."""
        username = self.cleaned_data.get("username")
        if username and self.cleaned_data.get("password"):
            if not services.may_try(username=username):
                raise ValidationError(
                    gettext("U probeerde het te vaak. Wacht een kwartier en probeer het dan opnieuw."),
                    code="too_often",
                )
            cleaned: dict[str, Any] = super().clean()
            services.forget_attempts(username=username)
            return cleaned
        return self.cleaned_data
