# SPDX-License-Identifier: EUPL-1.2
"""What the kasbeheerder and the second signer fill in."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from krachtwijk.errors import KrachtwijkError
from krachtwijk.web.apps.vouchers import sepa
from krachtwijk.web.apps.vouchers.forms import MoneyField
from krachtwijk.web.apps.vouchers.models import Payment
from krachtwijk.web.forms import REQUIRED, LinkedForm

KINDS = ((Payment.INVOICE, _("Rekening betalen")), (Payment.CASH, _("Contant geld")))


class SearchForm(LinkedForm):
    """The number of an application, or the code on a voucher."""

    zoek = forms.CharField(
        label=_("Nummer van de aanvraag, of code van de voucher"),
        help_text=_("U kunt de code ook scannen."),
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off", "autofocus": True, "size": 24}),
        error_messages=REQUIRED,
    )


class TokenForm(LinkedForm):
    """A form that counts once, however often it is sent."""

    kaartje = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {}).setdefault("kaartje", uuid.uuid4())
        super().__init__(*args, **kwargs)


class PaymentForm(TokenForm):
    """A payment from the vouchers of an application. ``refusing``: it will not be paid, and the reason is asked."""

    soort = forms.ChoiceField(label=_("Hoe betaalt u?"), choices=KINDS, error_messages=REQUIRED)
    bedrag = MoneyField(label=_("Bedrag in euro’s"), help_text=_("Bijvoorbeeld: 125,50"))
    naam = forms.CharField(
        label=_("Aan wie"),
        help_text=_("Bij een rekening: de naam van de leverancier. Bij contant geld: wie het geld ophaalt."),
        required=False,
        max_length=70,
        widget=forms.TextInput({"autocomplete": "off", "size": 34}),
    )
    iban = forms.CharField(
        label=_("Rekeningnummer (alleen bij een rekening)"),
        help_text=_("Bijvoorbeeld: NL02 ABNA 0123 4567 89"),
        required=False,
        max_length=42,
        widget=forms.TextInput({"autocomplete": "off", "size": 34}),
    )
    nummer = forms.CharField(
        label=_("Nummer van de rekening (alleen bij een rekening)"),
        required=False,
        max_length=60,
        widget=forms.TextInput({"autocomplete": "off", "size": 24}),
    )
    opmerking = forms.CharField(
        label=_("Waarvoor is het? (hoeft niet)"),
        required=False,
        max_length=300,
        widget=forms.Textarea({"rows": 2, "cols": 40}),
    )
    loon = forms.BooleanField(
        label=_("Dit is een betaling voor het werk van een persoon"),
        help_text=_(
            "Financiën meldt zo’n betaling bij de Belastingdienst. Vraag hier geen burgerservicenummer."
        ),
        required=False,
    )
    reden = forms.CharField(
        label=_("Waarom betaalt u niet? (alleen als u weigert)"),
        help_text=_("De initiatiefnemer krijgt deze reden te lezen (artikel 9.2)."),
        required=False,
        max_length=1000,
        widget=forms.Textarea({"rows": 3, "cols": 40}),
    )

    def __init__(self, *args: Any, refusing: bool = False, **kwargs: Any) -> None:
        self.refusing = refusing
        super().__init__(*args, **kwargs)

    def clean_iban(self) -> str:
        """The account number as banks write it."""
        given: str = self.cleaned_data["iban"]
        if not given.strip():
            return ""
        try:
            return sepa.iban(given)
        except KrachtwijkError as error:
            raise ValidationError(f"{error.what}. {error.mend}.") from None

    def clean(self) -> dict[str, Any]:
        """Ask of each kind what it needs."""
        given: dict[str, Any] = super().clean() or {}
        if self.refusing:
            if not given.get("reden", "").strip():
                self.add_error("reden", gettext("Zeg waarom u niet betaalt (artikel 9.2)."))
            return given
        for name in ("naam", "iban", "nummer") if given.get("soort") == Payment.INVOICE else ("naam",):
            if not given.get(name) and name not in self.errors:
                self.add_error(name, REQUIRED["required"])
        return given

    def details(self) -> dict[str, str]:
        """Who is paid and for what, as it is kept."""
        given = self.cleaned_data
        texts = {"name": given["naam"], "remark": given["opmerking"]}
        if given["soort"] == Payment.INVOICE:
            texts |= {"iban": given["iban"], "bill": given["nummer"]}
        return texts


class ReasonForm(LinkedForm):
    """Why not."""

    reden = forms.CharField(
        label=_("Waarom niet?"),
        max_length=1000,
        widget=forms.Textarea({"rows": 3, "cols": 40}),
        error_messages=REQUIRED,
    )


class BankForm(LinkedForm):
    """What the bank said of a payment, or whether cash was handed out; a reason where it was not."""

    reden = forms.CharField(
        label=_("Reden (alleen als het niet is gelukt)"),
        required=False,
        max_length=300,
        widget=forms.TextInput({"size": 34}),
    )


class BatchForm(TokenForm):
    """Which payments go to the bank, and when they are paid."""

    dag = forms.DateField(
        label=_("Dag waarop de bank betaalt"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages=REQUIRED | {"invalid": _("Kies een dag.")},
    )


class ResultsForm(LinkedForm):
    """A file with what the bank said."""

    bestand = forms.FileField(
        label=_("Antwoord van de bank"),
        help_text=_("Een bestand pain.002 van de bank, of regels met: betaling;ok of afgewezen;reden."),
        max_length=150,
        error_messages={"required": _("Kies eerst een bestand."), "empty": _("Dit bestand is leeg.")},
    )

    def clean_bestand(self) -> UploadedFile:
        """Refuse what cannot be an answer of a bank by its size."""
        given: UploadedFile = self.cleaned_data["bestand"]
        if (given.size or 0) > sepa.LARGEST:
            raise ValidationError(gettext("Dit bestand is te groot. Een antwoord van de bank is kleiner."))
        return given


class AccountForm(LinkedForm):
    """The account that vouchers are paid from."""

    naam = forms.CharField(
        label=_("Op naam van"),
        max_length=70,
        widget=forms.TextInput({"size": 34}),
        error_messages=REQUIRED,
    )
    iban = forms.CharField(
        label=_("Rekeningnummer"),
        max_length=42,
        widget=forms.TextInput({"size": 34}),
        error_messages=REQUIRED,
    )

    def clean_iban(self) -> str:
        """The account number as banks write it."""
        try:
            return sepa.iban(self.cleaned_data["iban"])
        except KrachtwijkError as error:
            raise ValidationError(f"{error.what}. {error.mend}.") from None


class DayForm(LinkedForm):
    """A day to look at."""

    datum = forms.DateField(
        label=_("Hoe stond het op"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages=REQUIRED | {"invalid": _("Kies een dag.")},
    )


class RangeForm(LinkedForm):
    """Days from and until."""

    van = forms.DateField(
        label=_("Van"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), error_messages=REQUIRED
    )
    tot = forms.DateField(
        label=_("Tot en met"),
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages=REQUIRED,
    )
