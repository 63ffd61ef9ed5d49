# SPDX-License-Identifier: EUPL-1.2
"""What readers report. Figures are not here: they stand in result tables."""

from __future__ import annotations

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
