# SPDX-License-Identifier: EUPL-1.2
"""Words for accounts, payments and checks; the names inside stay what the law and the register call them."""

from __future__ import annotations

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

#: What the accounts of the ledger are called.
ACCOUNTS = {
    "ceiling": _("Subsidieplafond"),
    "available": _("Nog te verdelen"),
    "committed": _("Toegewezen, nog geen voucher"),
    "outstanding": _("Op vouchers, nog niet betaald"),
    "paid": _("Betaald"),
    "recovered": _("Teruggevorderd"),
    "lapsed": _("Vervallen"),
}
PARTS = {
    "bank-bevestigd": _("Rekeningen, door de bank betaald"),
    "bij-de-bank": _("Rekeningen, bij de bank zonder antwoord"),
    "nog-niet-verstuurd": _("Rekeningen, getekend en nog niet naar de bank"),
    "contant-gegeven": _("Contant geld, gegeven"),
    "contant-klaar": _("Contant geld, getekend en nog niet gegeven"),
    "zonder-klaarzetten": _("Geboekt zonder klaargezette betaling"),
}
KINDS = {"invoice": _("rekening"), "cash": _("contant")}
STATES = {
    "klaargezet": _("nog te tekenen"),
    "teruggestuurd": _("teruggestuurd"),
    "geweigerd": _("niet betaald"),
    "getekend": _("getekend"),
    "bij de bank": _("bij de bank"),
    "betaald": _("betaald"),
    "afgewezen": _("niet gelukt: terug op de voucher"),
}
OUTCOMES = {
    "nieuw": _("verwerkt"),
    "bekend": _("was al bekend"),
    "anders": _("spreekt een eerder antwoord tegen: kijk dit na"),
    "onbekend": _("hoort niet bij dit fonds"),
}
_CHECKS = {
    "plafond-verdeeld": _("Het plafond is alles samen op de rekeningen"),
    "plafond-besluit": _("Het plafond is het laatste besluit"),
    "uitbetaald": _("Betaald is bank en kas samen"),
    "getekend": _("Wat is getekend, is geboekt"),
}


def account(name: str) -> str:
    """An account of the ledger."""
    return str(ACCOUNTS[name])


def part(name: str) -> str:
    """A part of what was paid."""
    return str(PARTS[name])


def kind(name: str) -> str:
    """How something is paid."""
    return str(KINDS[name])


def state(name: str) -> str:
    """Where a payment is."""
    return str(STATES[name])


def outcome(name: str) -> str:
    """What was done with an answer of the bank."""
    return str(OUTCOMES[name])


def check(name: str) -> str:
    """What must be equal."""
    if name in _CHECKS:
        return str(_CHECKS[name])
    if name.startswith("register-"):
        name = account(name.removeprefix("register-"))
        return gettext("Grootboek en register zijn gelijk: %(account)s") % {"account": name}
    number = name.rpartition(" ")[2]
    return gettext("Betaalbestand %(number)s is gelijk aan zijn betalingen") % {"number": number}
