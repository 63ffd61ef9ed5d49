# SPDX-License-Identifier: EUPL-1.2
"""What readers report, and what people do about early warnings. Figures are not here: they stand in result tables."""

from __future__ import annotations

from django.conf import settings
from django.db import models


class Melding(models.Model):
    """A reader says that something is not right. Who they are is not kept; an e-mail address only if they gave one."""

    OPEN, ANSWERED = "open", "beantwoord"
    STATES = ((OPEN, "open"), (ANSWERED, "beantwoord"))
    #: Longest text, in characters.
    LONGEST = 2000

    page = models.CharField(max_length=500, blank=True)
    text = models.TextField(max_length=LONGEST)
    #: sealed (see `sealing.py`); empty where none was given or after it was removed
    email = models.TextField(blank=True)
    received_at = models.DateTimeField(db_index=True)
    state = models.CharField(max_length=20, choices=STATES, default=OPEN, db_index=True)
    answer = models.TextField(blank=True, max_length=LONGEST)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-received_at", "-id")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(state="open", answered_at__isnull=True)
                | models.Q(state="beantwoord", answered_at__isnull=False),
                name="publication_melding_answered_has_a_date",
            ),
        )

    def __str__(self) -> str:
        return f"melding {self.pk}"


class Waarschuwing(models.Model):
    """What people do about an early warning of one area, as of one year; made when somebody first acts.

    The warning itself is a row of a result table. A new run changes that row and not this one, so whoever follows it
    up and what they decided stay; the figures they acted on are kept to tell that they changed.
    """

    OPEN, ANSWERED = "open", "besloten"
    STATES = ((OPEN, OPEN), (ANSWERED, ANSWERED))
    #: that nothing needs doing is a decision too
    NOTHING, WATCH, TALK, ACT = "niets nodig", "volgen", "gesprek", "maatregel"
    DECISIONS = ((NOTHING, NOTHING), (WATCH, WATCH), (TALK, TALK), (ACT, ACT))
    #: Longest text, in characters.
    LONGEST = 2000

    level = models.CharField(max_length=20)
    area = models.CharField(max_length=20)
    #: the year as of which the warning was made
    period = models.CharField(max_length=9)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="warnings"
    )
    #: by when the owner decides
    due = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=STATES, default=OPEN, db_index=True)
    decision = models.CharField(max_length=20, choices=DECISIONS, blank=True)
    reaction = models.TextField(blank=True, max_length=LONGEST)
    answered_at = models.DateTimeField(null=True, blank=True)
    #: the figures that were last acted on (as text, as they stand in the register), and the run that made them
    figures = models.JSONField(default=dict, blank=True)
    run = models.CharField(max_length=40)
    #: how often somebody acted: who acts on an older page is told so
    version = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("level", "area", "period")
        constraints = (
            models.UniqueConstraint(fields=("level", "area", "period"), name="publication_waarschuwing_once"),
            models.CheckConstraint(
                condition=models.Q(state="open", answered_at__isnull=True)
                | (models.Q(state="besloten", answered_at__isnull=False) & ~models.Q(decision="")),
                name="publication_waarschuwing_decided",
            ),
            models.CheckConstraint(
                condition=models.Q(owner__isnull=False) | models.Q(due__isnull=True),
                name="publication_waarschuwing_due_has_owner",
            ),
        )

    def __str__(self) -> str:
        return f"waarschuwing {self.level} {self.area} {self.period}"
