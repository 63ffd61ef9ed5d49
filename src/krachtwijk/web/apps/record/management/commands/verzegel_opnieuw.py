# SPDX-License-Identifier: EUPL-1.2
"""`manage verzegel_opnieuw`: after a new data key was put in front."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from krachtwijk.web.apps.accounts import second_factor
from krachtwijk.web.apps.record import private
from krachtwijk.web.apps.record.models import Person


class Command(BaseCommand):
    """Seals the key of every person, and every second factor, anew; fails where one does not open."""

    help = "Verzegel de sleutels van mensen opnieuw met de nieuwste sleutel van de installatie."

    def handle(self, *args: Any, **options: Any) -> None:
        """Reseal, and tell what could not be opened."""
        people, factors = private.reseal(), second_factor.reseal()
        self.stdout.write(f"Opnieuw verzegeld: {people} mensen, {factors} tweede stappen.")
        if lost := Person.objects.exclude(key="").count() - people:
            raise CommandError(
                f"Van {lost} mensen past geen enkele sleutel. Zet de oude sleutel achteraan in KRACHTWIJK_DATA_KEYS."
            )
