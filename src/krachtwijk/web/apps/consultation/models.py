# SPDX-License-Identifier: EUPL-1.2
"""A Wijkraadpleging, who may take part in it, and its ballot box; and questions to the wijk without money.

What is kept apart, so that nobody can say who chose what: a Stemrecht (a code may be used, and was) and the Stembus.
The box is one sealed row that is written anew with every ballot, so that no ballot has a row, an order, a moment or a
transaction of its own.
"""

from __future__ import annotations

import datetime
import secrets
import uuid
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from krachtwijk.web.apps.vouchers.models import Fund


def shuffled_id() -> int:
    """A number of a row that says nothing of the order in which rows came."""
    return secrets.randbelow(2**62) + 1


class Wijkraadpleging(models.Model):
    """The wijk decides on plans above the limit (article 5.5). How, says the by-law of the fund."""

    PREPARED, OPEN, CLOSED = "voorbereiding", "open", "gesloten"
    COUNTED, ESTABLISHED, ANNULLED = "geteld", "vastgesteld", "vervallen"
    PHASES = (
        (PREPARED, _("in voorbereiding")),
        (OPEN, _("open")),
        (CLOSED, _("gesloten")),
        (COUNTED, _("geteld")),
        (ESTABLISHED, _("vastgesteld")),
        (ANNULLED, _("vervallen")),
    )

    #: made by the form: sent twice it is one consultation
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="raadplegingen")
    wijk = models.CharField(max_length=100)
    title = models.CharField(max_length=150)
    question = models.TextField(max_length=2000)
    #: one of those that the by-law allows
    form = models.CharField(max_length=20)
    phase = models.CharField(max_length=15, choices=PHASES, default=PREPARED, db_index=True)
    opens = models.DateTimeField()
    closes = models.DateTimeField()
    #: decides where the rule leaves two plans equal; drawn and published at opening
    seed = models.CharField(max_length=32, blank=True)
    #: has its own codes, is marked everywhere, and decides nothing
    rehearsal = models.BooleanField(default=False)
    #: may follow the log, never a ballot
    observers = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+")

    class Meta:
        ordering = ("-opens", "-id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(closes__gt=models.F("opens")), name="consultation_closes_after_opening"
            ),
        )

    def __str__(self) -> str:
        return f"raadpleging {self.pk}"

    def accepts(self, now: datetime.datetime) -> bool:
        """Whether a ballot that comes in now counts."""
        return self.phase == self.OPEN and self.opens <= now < self.closes

    @property
    def is_counted(self) -> bool:
        """Whether there is an outcome."""
        return self.phase in (self.COUNTED, self.ESTABLISHED)


class Plan(models.Model):
    """A plan on the ballot, in order of receipt, as everybody reads it."""

    consultation = models.ForeignKey(Wijkraadpleging, on_delete=models.CASCADE, related_name="plans")
    number = models.PositiveSmallIntegerField()
    case = models.CharField(max_length=60)
    title = models.CharField(max_length=150)
    text = models.TextField(max_length=2000, blank=True)
    cents = models.PositiveBigIntegerField()

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("consultation", "number"), name="consultation_plan_number"),
            models.UniqueConstraint(fields=("consultation", "case"), name="consultation_plan_case"),
        )

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def euros(self) -> Decimal:
        """What it asks, for a page."""
        return Decimal(self.cents) / 100


class Partij(models.Model):
    """A number of codes that were made together: letters, or one code at the desk."""

    LETTERS, DESK = "brieven", "loket"

    token = models.UUIDField(unique=True)
    consultation = models.ForeignKey(Wijkraadpleging, on_delete=models.PROTECT, related_name="batches")
    origin = models.CharField(max_length=10, choices=((LETTERS, LETTERS), (DESK, DESK)))
    size = models.PositiveIntegerField()
    withdrawn = models.BooleanField(default=False)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.origin} {self.size}"


class Stemrecht(models.Model):
    """One ballot that may be cast, by who has the code (`record.codes`). Whose it is stands nowhere."""

    INTERNET, PAPER, MEETING = "internet", "papier", "zaal"
    CHANNELS = ((INTERNET, _("internet")), (PAPER, _("papier")), (MEETING, _("bijeenkomst")))

    id = models.BigAutoField(primary_key=True, default=shuffled_id)
    consultation = models.ForeignKey(Wijkraadpleging, on_delete=models.PROTECT, related_name="rights")
    batch = models.ForeignKey(Partij, on_delete=models.PROTECT, related_name="rights")
    channel = models.CharField(max_length=10, choices=CHANNELS, blank=True)
    #: to the minute
    used_at = models.DateTimeField(null=True, blank=True)
    #: made by the form of the voter: who sends it twice reads the same receipt
    receipt = models.UUIDField(null=True, blank=True, unique=True)

    class Meta:
        constraints = (
            models.CheckConstraint(
                condition=models.Q(channel="", used_at__isnull=True)
                | (~models.Q(channel="") & models.Q(used_at__isnull=False)),
                name="consultation_right_used_somewhere",
            ),
        )

    def __str__(self) -> str:
        return f"stemrecht {self.pk}"


class Stembus(models.Model):
    """The ballots of a consultation: sealed while it runs, and the published file once it is counted."""

    consultation = models.OneToOneField(
        Wijkraadpleging, on_delete=models.PROTECT, primary_key=True, related_name="box"
    )
    content = models.TextField(blank=True)

    def __str__(self) -> str:
        return f"stembus {self.pk}"


class Papier(models.Model):
    """A paper ballot by its number in the pile, read by two people. Numbered after the envelopes were taken away."""

    consultation = models.ForeignKey(Wijkraadpleging, on_delete=models.PROTECT, related_name="sheets")
    number = models.PositiveIntegerField()
    #: sealed; emptied when the ballots are counted
    first = models.TextField(blank=True)
    second = models.TextField(blank=True)
    third = models.TextField(blank=True)
    first_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    second_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    third_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    #: read alike by two, or decided by a third
    agreed = models.BooleanField(default=False)

    class Meta:
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=("consultation", "number"), name="consultation_sheet_number"),
        )

    def __str__(self) -> str:
        return f"stembiljet {self.number}"


class Handen(models.Model):
    """What was counted by show of hands, with the names of the two who counted. Known to everybody in the room."""

    consultation = models.OneToOneField(Wijkraadpleging, on_delete=models.PROTECT, related_name="hands")
    #: number of plan as text → [for, against]
    counts = models.JSONField()
    counted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    def __str__(self) -> str:
        return f"handen {self.consultation_id}"


class Inspraak(models.Model):
    """A question to the wijk without money (R-240). Every reaction gets an answer within the term (R-122)."""

    token = models.UUIDField(unique=True, default=uuid.uuid4)
    fund = models.ForeignKey(Fund, on_delete=models.PROTECT, related_name="inspraken")
    wijk = models.CharField(max_length=100)
    title = models.CharField(max_length=150)
    question = models.TextField(max_length=2000)
    opens = models.DateField()
    #: the last day
    closes = models.DateField()
    answer_days = models.PositiveSmallIntegerField()
    #: what was done with all of it
    summary = models.TextField(max_length=4000, blank=True)

    class Meta:
        ordering = ("-opens", "-id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(closes__gte=models.F("opens")), name="consultation_question_closes"
            ),
        )

    def __str__(self) -> str:
        return f"inspraak {self.pk}"


class Reactie(models.Model):
    """What somebody answered; who they are is not asked. Shown only after a desk has read it."""

    WAITING, SHOWN, HIDDEN = "wacht", "getoond", "niet getoond"
    STATES = (
        (WAITING, _("nog niet gelezen")),
        (SHOWN, _("staat op de site")),
        (HIDDEN, _("niet op de site")),
    )
    LONGEST = 2000

    #: made by the form: sent twice it is one reaction
    token = models.UUIDField(unique=True, default=uuid.uuid4)
    question = models.ForeignKey(Inspraak, on_delete=models.PROTECT, related_name="reactions")
    text = models.TextField(max_length=LONGEST)
    state = models.CharField(max_length=15, choices=STATES, default=WAITING, db_index=True)
    answer = models.TextField(max_length=LONGEST, blank=True)
    received_at = models.DateTimeField(db_index=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("received_at", "id")

    def __str__(self) -> str:
        return f"reactie {self.pk}"
