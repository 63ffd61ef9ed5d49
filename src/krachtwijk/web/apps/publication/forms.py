# SPDX-License-Identifier: EUPL-1.2
"""What readers and staff may fill in."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext, gettext_lazy
from django.utils.translation import gettext_lazy as _

from krachtwijk.sources.periods import YEAR
from krachtwijk.web.apps.publication.models import Melding
from krachtwijk.web.forms import REQUIRED, HumanForm, LinkedForm


class ReportForm(HumanForm):
    """What is not right, and where to send an answer."""

    tekst = forms.CharField(
        label=_("Wat klopt er niet?"),
        help_text=_("Schrijf op welk cijfer of welke zin u bedoelt. Noem geen namen van mensen."),
        max_length=Melding.LONGEST,
        widget=forms.Textarea({"rows": 8, "cols": 60}),
        error_messages={
            **REQUIRED,
            "max_length": gettext_lazy("Schrijf het korter: hoogstens %(limit_value)d tekens."),
        },
    )
    email = forms.EmailField(
        label=_("Uw e-mailadres (hoeft niet)"),
        help_text=_("Alleen als u een antwoord wilt. Wij wissen het adres daarna."),
        required=False,
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "size": 34}),
        error_messages={"invalid": _("Schrijf het adres zoals: naam@voorbeeld.nl.")},
    )
    pagina = forms.CharField(required=False, widget=forms.HiddenInput)


class AnswerForm(LinkedForm):
    """What becomes of a report."""

    antwoord = forms.CharField(
        label=_("Antwoord"),
        help_text=_("Wat u de melder schrijft. Staat er een e-mailadres, stuur het dan zelf per mail."),
        max_length=Melding.LONGEST,
        widget=forms.Textarea({"rows": 6, "cols": 60}),
        error_messages=REQUIRED,
    )
    reden = forms.CharField(
        label=_("Waarom (komt in het register)"),
        help_text=_("Bijvoorbeeld: cijfer verbeterd, of cijfer klopt. Noem geen namen."),
        max_length=200,
        widget=forms.TextInput({"size": 34}),
        error_messages=REQUIRED,
    )


#: Bytes in a name, which a letter with an accent takes two of; a file system takes 255.
LONGEST_NAME = 200


class UploadForm(LinkedForm):
    """A publication file."""

    bestand = forms.FileField(
        label=_("Bestand van de publicatie"),
        help_text=_("CSV of GeoJSON, ook ingepakt als .gz. Verander er niets aan."),
        max_length=150,
        error_messages={
            "required": _("Kies eerst een bestand."),
            "empty": _("Dit bestand is leeg. Haal het opnieuw op."),
            "max_length": _("De naam van dit bestand is te lang. Maak hem korter."),
        },
    )
    jaar = forms.CharField(
        label=_("Jaar (hoeft niet)"),
        help_text=_("Alleen als het bestand zelf geen jaar noemt. Bijvoorbeeld: 2022."),
        required=False,
        max_length=4,
        widget=forms.TextInput({"size": 6, "inputmode": "numeric"}),
        error_messages={"max_length": _("Schrijf een jaar met vier cijfers.")},
    )

    def clean_bestand(self) -> UploadedFile:
        """Refuse what is larger than this site takes."""
        given: UploadedFile = self.cleaned_data["bestand"]
        if len((given.name or "").encode()) > LONGEST_NAME:
            raise ValidationError(gettext("De naam van dit bestand is te lang. Maak hem korter."))
        if (given.size or 0) > settings.UPLOAD_LIMIT:
            megabytes = settings.UPLOAD_LIMIT // (1024 * 1024)
            raise ValidationError(
                gettext("Dit bestand is te groot: hoogstens %(megabytes)d MB.") % {"megabytes": megabytes}
            )
        return given

    def clean_jaar(self) -> str:
        """A year of four digits, or nothing."""
        year: str = self.cleaned_data["jaar"]
        if year and not YEAR.fullmatch(year):
            raise ValidationError(gettext("Schrijf een jaar met vier cijfers."))
        return year
