# SPDX-License-Identifier: EUPL-1.2
"""`manage reken_uit`: compute what changed, one at a time, and write in the register what came of it."""

from __future__ import annotations

from argparse import ArgumentParser
from contextlib import nullcontext
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from krachtwijk.errors import KrachtwijkError
from krachtwijk.warehouse import Warehouse
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.publication import intake
from krachtwijk.web.apps.record import services as record


class Command(BaseCommand):
    """What the button "Reken uit" of the desk starts."""

    help = "Rekent alle uitkomsten uit die door nieuwe edities veranderen."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who asked, and the lock that the desk already holds for us."""
        parser.add_argument("--door", type=int, help="Nummer van het account dat erom vroeg.")
        parser.add_argument("--slot", type=int, help="Alleen voor het beheer zelf.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compute with the lock held, then say how it ended."""
        warehouse = Warehouse()
        actor = User.objects.filter(pk=options["door"]).first()
        name = (actor.get_full_name() or actor.get_username()) if actor else "beheerder"
        try:
            # an inherited lock lasts as long as this process
            with nullcontext() if options["slot"] else intake.only_one(warehouse):
                done = intake.compute(warehouse, name)
        except KrachtwijkError as error:
            raise CommandError(str(error)) from error
        record.append(
            stream=intake.STREAM,
            subject="berekening",
            kind="klaar" if done else "mislukt",
            actor=actor,
            actor_name=name,
        )
        if not done:
            raise CommandError("De berekening is niet gelukt; de oude uitkomsten staan er nog.")
        self.stdout.write("De berekening is klaar.")
