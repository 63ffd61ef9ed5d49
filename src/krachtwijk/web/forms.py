# SPDX-License-Identifier: EUPL-1.2
"""What all forms share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

REQUIRED = {"required": _("Vul dit veld in.")}


class LinkedForm(forms.Form):
    """A form whose fields name their help and error to a screen reader."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        self.prepare()
        for name, field in self.fields.items():
            told = [f"{name}-fout"] if name in self.errors else []
            told += [f"{name}-hulp"] if field.help_text else []
            field.widget.attrs["id"] = name
            if told:
                field.widget.attrs["aria-describedby"] = " ".join(told)
            if name in self.errors:
                field.widget.attrs["aria-invalid"] = "true"

    def prepare(self) -> None:
        """Fill in choices that are known only now; comes before anything that was sent is read."""


class HumanForm(LinkedForm):
    """A form for everybody. ``website`` is a field that only robots fill in."""

    website = forms.CharField(
        label=_("Laat dit veld leeg"),
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "tabindex": "-1"}),
    )

    def clean_website(self) -> str:
        """Refuse what a person never fills in."""
        if self.cleaned_data["website"]:
            raise ValidationError(gettext("Laat dit veld leeg. Zo weten wij dat u geen robot bent."))
        return ""
