# SPDX-License-Identifier: EUPL-1.2
"""`manage controleer_registratie`: is the register whole?"""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from krachtwijk.web.apps.record import selectors


class Command(BaseCommand):
    """Checks all chains and the triggers. Exit code 1 where something is wrong."""

    help = "Controleert of het register heel is: elke reeks gebeurtenissen, en de bewaking van de database."

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell every fault, then fail where there was one."""
        names = selectors.streams()
        faults = [f"reeks {f.stream}: {f.reason}" for name in names if (f := selectors.verify(name))]
        if not selectors.protected():
            faults.append("de database bewaakt het register niet meer (triggers ontbreken)")
        if faults:
            raise CommandError("Het register is niet heel: " + "; ".join(faults))
        self.stdout.write(
            f"Het register is heel: {len(names)} reeksen, {selectors.events().count()} gebeurtenissen."
        )
