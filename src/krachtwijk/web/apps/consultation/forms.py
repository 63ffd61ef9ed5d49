# SPDX-License-Identifier: EUPL-1.2
"""What residents and desks may fill in."""

from __future__ import annotations

import copy
import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from krachtwijk.web.apps.consultation.counting import INVALID, written
from krachtwijk.web.apps.consultation.models import Inspraak, Plan, Reactie
from krachtwijk.web.apps.vouchers.selectors import Filed
from krachtwijk.web.forms import REQUIRED, HumanForm, LinkedForm

#: what the by-law calls a form of consultation
FORMS = {
    "meeting": _("bijeenkomst in de wijk"),
    "digital": _("internet"),
    "written": _("op papier"),
    "other": _("een andere vorm"),
}
REASONS = {"geheim adres": _("geheim adres"), "geen brief gekregen": _("geen brief gekregen")}


class TokenForm(LinkedForm):
    """A form that may be sent twice and counts once."""

    token = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {"token": uuid.uuid4(), **(kwargs.get("initial") or {})}
        super().__init__(*args, **kwargs)


def _long(label: Any, help_text: Any, most: int, rows: int = 5, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=most,
        required=required,
        widget=forms.Textarea({"rows": rows, "cols": 60}),
        error_messages={**REQUIRED, "max_length": _("Schrijf het korter: hoogstens %(limit_value)d tekens.")},
    )


def _short(label: Any, help_text: Any = "", most: int = 150, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=most,
        required=required,
        widget=forms.TextInput({"size": 40}),
        error_messages={**REQUIRED, "max_length": _("Schrijf het korter: hoogstens %(limit_value)d tekens.")},
    )


def _moment(label: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={**REQUIRED, "invalid": _("Schrijf dag en tijd, zoals 2026-03-01 20:00.")},
    )


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"),
        error_messages={**REQUIRED, "invalid": _("Schrijf de dag als 2026-03-01.")},
    )


class PrepareForm(TokenForm):
    """A new consultation on applications that wait for it."""

    title = _short(_("Titel"), _("Zoals bewoners het zien. Noem geen namen van mensen."))
    question = _long(_("De vraag aan de wijk"), _("In gewone woorden. Hoogstens 20 woorden per zin."), 2000)
    form = forms.ChoiceField(
        label=_("Vorm"), help_text=_("Een van de vormen uit de verordening."), error_messages=REQUIRED
    )
    opens = _moment(_("Open vanaf"))
    closes = _moment(_("Open tot"))
    rehearsal = forms.BooleanField(label=_("Dit is een proef; de uitslag telt niet."), required=False)

    def __init__(
        self, *args: Any, forms_allowed: Sequence[str], cases: Sequence[Filed], **kwargs: Any
    ) -> None:
        self.cases = list(cases)
        # before the fields are linked to their help, which reads the errors of them all
        self.base_fields = copy.deepcopy(self.base_fields)
        chosen: forms.ChoiceField = self.base_fields["form"]  # type: ignore[assignment]
        chosen.choices = [(name, FORMS[name]) for name in forms_allowed]
        for filed in self.cases:
            self.base_fields |= self._of_plan(filed)
        super().__init__(*args, **kwargs)

    @staticmethod
    def _of_plan(filed: Filed) -> dict[str, forms.Field]:
        name = filed.case.id
        return {
            f"kies-{name}": forms.BooleanField(label=name, required=False, initial=True),
            f"titel-{name}": forms.CharField(
                label=gettext("Titel van %(case)s") % {"case": name},
                max_length=150,
                required=False,
                initial=filed.title,
                widget=forms.TextInput({"size": 40}),
            ),
            f"tekst-{name}": forms.CharField(
                label=gettext("Uitleg bij %(case)s") % {"case": name},
                max_length=2000,
                required=False,
                widget=forms.Textarea({"rows": 3, "cols": 60}),
            ),
        }

    def clean(self) -> dict[str, Any]:
        """Closing comes after opening; a plan that is asked about has a title."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        opens, closes = found.get("opens"), found.get("closes")
        if opens and closes and closes <= opens:
            self.add_error("closes", gettext("De sluiting moet na de opening zijn."))
        if not self.plans:
            raise ValidationError(gettext("Kies minstens één plan."))
        for name, (title, _text) in self.plans.items():
            if not title.strip():
                self.add_error(f"titel-{name}", gettext("Geef het plan een titel."))
        return found

    @property
    def plans(self) -> dict[str, tuple[str, str]]:
        """The chosen plans: application → title and text."""
        found = self.cleaned_data
        return {
            filed.case.id: (found.get(f"titel-{filed.case.id}", ""), found.get(f"tekst-{filed.case.id}", ""))
            for filed in self.cases
            if found.get(f"kies-{filed.case.id}")
        }

    def groups(self) -> list[tuple[Filed, Any, Any, Any]]:
        """The fields of each plan together."""
        return [
            (f, self[f"kies-{f.case.id}"], self[f"titel-{f.case.id}"], self[f"tekst-{f.case.id}"])
            for f in self.cases
        ]


class LettersForm(TokenForm):
    """A list of addresses, or a number of letters without address."""

    lijst = forms.CharField(
        label=_("Lijst met adressen"),
        help_text=_(
            "Eén brief per regel: naam; straat en nummer; postcode en plaats. Wij bewaren de lijst niet."
        ),
        required=False,
        max_length=200_000,
        widget=forms.Textarea({"rows": 8, "cols": 60, "autocomplete": "off"}),
    )
    aantal = forms.IntegerField(
        label=_("Of: hoeveel brieven zonder adres"),
        required=False,
        min_value=1,
        widget=forms.NumberInput({"size": 6, "min": 1}),
        error_messages={"invalid": _("Schrijf een heel getal."), "min_value": _("Maak minstens één brief.")},
    )

    def clean(self) -> dict[str, Any]:
        """One of both."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        if bool(found.get("lijst")) == bool(found.get("aantal")) and not self.errors:
            raise ValidationError(gettext("Plak een lijst, of schrijf een aantal. Niet allebei."))
        return found


class WithdrawForm(LinkedForm):
    """Why codes are made worthless."""

    reden = _short(_("Waarom trekt u ze in?"), most=200)


class DeskCodeForm(TokenForm):
    """A code on the spot."""

    reden = forms.ChoiceField(
        label=_("Waarom een code aan het loket?"), choices=list(REASONS.items()), error_messages=REQUIRED
    )
    id_getoond = forms.BooleanField(
        label=_("Ik heb een identiteitsbewijs gezien. Deze persoon woont in de wijk en is oud genoeg."),
        error_messages={"required": _("Zonder identiteitsbewijs geeft u geen code.")},
    )


class CodeForm(LinkedForm):
    """A code out of a letter."""

    code = forms.CharField(
        label=_("Uw code"),
        help_text=_("De code staat in uw brief: twaalf letters en cijfers. Streepjes hoeft u niet te typen."),
        max_length=40,
        widget=forms.TextInput(
            {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "size": 18}
        ),
        error_messages=REQUIRED,
    )


class BallotForm(forms.Form):
    """A ballot: for each plan yes, no, or nothing. ``begin`` keeps the order in which the plans stand."""

    begin = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=10_000)

    def __init__(self, *args: Any, plans: Sequence[Plan], against: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plans = list(plans)
        answers = [("ja", _("Ja")), *([("nee", _("Nee"))] if against else []), ("", _("Geen mening"))]
        for plan in self.plans:
            self.fields[f"plan-{plan.number}"] = forms.ChoiceField(
                choices=answers, required=False, widget=forms.RadioSelect, initial=""
            )

    def choices(self) -> dict[int, bool]:
        """What was chosen."""
        given = {plan.number: self.cleaned_data.get(f"plan-{plan.number}", "") for plan in self.plans}
        return {number: answer == "ja" for number, answer in given.items() if answer}

    def rows(self) -> list[tuple[Plan, Any]]:
        """Plans and their fields, beginning where this ballot begins."""
        begin = self["begin"].value()
        start = int(begin) % len(self.plans) if self.plans and str(begin or "").isdecimal() else 0
        return [(p, self[f"plan-{p.number}"]) for p in (*self.plans[start:], *self.plans[:start])]


class PaperForm(BallotForm):
    """What a paper says."""

    nummer = forms.IntegerField(min_value=1, max_value=100_000, error_messages=REQUIRED)
    ongeldig = forms.BooleanField(required=False)

    def ballot(self) -> str:
        """As text, as `counting.written`."""
        return INVALID if self.cleaned_data["ongeldig"] else written(self.choices())


class HandsForm(LinkedForm):
    """How many raised a hand."""

    def __init__(self, *args: Any, plans: Sequence[Plan], **kwargs: Any) -> None:
        self.plans = list(plans)
        self.base_fields = {
            f"{side}-{plan.number}": forms.IntegerField(
                label=f"{plan.number}. {plan.title}: {label}",
                min_value=0,
                max_value=100_000,
                widget=forms.NumberInput({"min": 0}),
                error_messages={**REQUIRED, "invalid": _("Schrijf een heel getal.")},
            )
            for plan in self.plans
            for side, label in (("voor", gettext("voor")), ("tegen", gettext("tegen")))
        }
        super().__init__(*args, **kwargs)

    def counts(self) -> dict[int, tuple[int, int]]:
        """For and against by number of plan."""
        found = self.cleaned_data
        return {p.number: (found[f"voor-{p.number}"], found[f"tegen-{p.number}"]) for p in self.plans}


class QuestionForm(TokenForm):
    """A question to the wijk without money."""

    title = _short(_("Titel"))
    question = _long(_("De vraag"), _("In gewone woorden. Vraag ook wat mensen als oplossing zien."), 2000)
    opens = _day(_("Eerste dag"))
    closes = _day(_("Laatste dag"))
    answer_days = forms.IntegerField(
        label=_("Binnen hoeveel dagen krijgt elke reactie antwoord?"),
        min_value=1,
        max_value=365,
        error_messages={**REQUIRED, "invalid": _("Schrijf een heel getal.")},
    )

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        found: dict[str, Any] = super().clean() or self.cleaned_data
        opens, closes = found.get("opens"), found.get("closes")
        if isinstance(opens, datetime.date) and isinstance(closes, datetime.date) and closes < opens:
            self.add_error("closes", gettext("De laatste dag is voor de eerste."))
        return found


class ReactionForm(TokenForm, HumanForm):
    """What somebody thinks."""

    tekst = _long(
        _("Uw reactie"), _("Schrijf geen namen, adressen of telefoonnummers op."), Reactie.LONGEST, rows=8
    )


class AnswerReactionForm(LinkedForm):
    """What becomes of a reaction."""

    shown = forms.ChoiceField(
        label=_("Komt deze reactie op de site?"),
        help_text=_("Niet als er een naam in staat of als iemand wordt gekwetst."),
        choices=[("ja", _("Ja")), ("nee", _("Nee"))],
        error_messages=REQUIRED,
    )
    answer = _long(
        _("Antwoord"), _("Wat is er met deze reactie gedaan?"), Reactie.LONGEST, rows=4, required=False
    )


class SummaryForm(LinkedForm):
    """What is done with all reactions."""

    summary = _long(
        _("Samenvatting"), _("Wat zeiden bewoners, en wat gebeurt ermee?"),
        Inspraak._meta.get_field("summary").max_length or 4000, rows=8,
    )  # fmt: skip


class ObserverForm(LinkedForm):
    """Who may follow the log."""

    naam = _short(_("Inlognaam van de waarnemer"))
