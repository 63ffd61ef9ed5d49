# SPDX-License-Identifier: EUPL-1.2
"""What is filled in at the desk of early warnings. Every form of a page has field names of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.publication.models import Waarschuwing
from krachtwijk.web.apps.publication.services.warnings import called
from krachtwijk.web.apps.publication.wording_warning import DECISIONS
from krachtwijk.web.forms import REQUIRED, LinkedForm

_NO_NAMES = _("Komt in het register. Noem geen namen van bewoners.")


def _day(label: Any, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={**REQUIRED, "invalid": _("Schrijf een dag zoals 31-12-2026.")},
    )


def _reason(label: Any, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=_NO_NAMES,
        max_length=200,
        required=required,
        widget=forms.TextInput({"size": 34}),
        error_messages=REQUIRED,
    )


class AssignForm(LinkedForm):
    """Who looks at it, and by when they decide."""

    eigenaar = forms.ChoiceField(
        label=_("Wie kijkt ernaar?"),
        error_messages={**REQUIRED, "invalid_choice": _("Kies iemand uit de lijst.")},
    )
    uiterlijk = _day(_("Reactie uiterlijk op"))
    waarom = _reason(_("Toelichting (hoeft niet)"), required=False)

    def __init__(self, *args: Any, owners: Sequence[User], **kwargs: Any) -> None:
        self.owners = {str(user.pk): user for user in owners}
        super().__init__(*args, **kwargs)

    def prepare(self) -> None:
        """Only who may see these areas can be chosen."""
        named = [(pk, called(user)) for pk, user in self.owners.items()]
        self.fields["eigenaar"].choices = [("", _("Kies iemand")), *named]  # type: ignore[attr-defined]

    @property
    def owner(self) -> User:
        """Who was chosen."""
        return self.owners[self.cleaned_data["eigenaar"]]


class DecideForm(LinkedForm):
    """What was decided, and why."""

    besluit = forms.ChoiceField(
        label=_("Wat besluit u?"),
        choices=[(code, _(text)) for code, text in DECISIONS.items()],
        widget=forms.RadioSelect,
        error_messages={
            **REQUIRED,
            "required": _("Kies wat u besluit."),
            "invalid_choice": _("Kies uit de lijst."),
        },
    )
    reactie = forms.CharField(
        label=_("Wat zag u, en wat spreekt u af?"),
        help_text=_NO_NAMES,
        max_length=Waarschuwing.LONGEST,
        widget=forms.Textarea({"rows": 5, "cols": 60}),
        error_messages=REQUIRED,
    )


class ReleaseForm(LinkedForm):
    """Why the owner is taken off."""

    reden_los = _reason(_("Waarom haalt u de eigenaar weg?"))


class ReopenForm(LinkedForm):
    """Why a decided warning is opened again, and by when its owner then decides."""

    reden_open = _reason(_("Waarom opent u de waarschuwing weer?"))
    nieuwe_dag = _day(_("Nieuwe reactie uiterlijk op"))

    def __init__(self, *args: Any, owned: bool, **kwargs: Any) -> None:
        self.owned = owned
        super().__init__(*args, **kwargs)

    def prepare(self) -> None:
        """Without an owner there is nobody to have a day for."""
        if not self.owned:
            del self.fields["nieuwe_dag"]
