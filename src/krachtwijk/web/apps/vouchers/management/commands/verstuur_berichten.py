# SPDX-License-Identifier: EUPL-1.2
"""`manage verstuur_berichten`: write down what is due, and send what waits. Meant for every quarter of an hour."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from krachtwijk.errors import KrachtwijkError
from krachtwijk.web.apps.outbox import services as outbox
from krachtwijk.web.apps.outbox.models import Message
from krachtwijk.web.apps.publication.services import remind_owners
from krachtwijk.web.apps.vouchers.due_messages import prepare_messages


class Command(BaseCommand):
    """May be stopped and run again at any moment: no message goes twice."""

    help = "Verstuurt berichten die klaarstaan. Veilig om opnieuw te draaien: geen bericht gaat twee keer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """What somebody knows of one message."""
        parser.add_argument("--teruggekomen", type=int, metavar="NUMMER", help="Dit bericht kwam terug.")
        parser.add_argument("--reden", default="", help="Waarom het terugkwam, zonder adres.")
        parser.add_argument(
            "--opnieuw", type=int, metavar="NUMMER", help="Zet dit bericht nog een keer klaar."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Tell of each message what came of it, and at the end how many of which."""
        now = timezone.now()
        try:
            if options["teruggekomen"] is not None:
                found = outbox.returned(number=options["teruggekomen"], reason=options["reden"], now=now)
                self.stdout.write(f"Bericht {found.pk} is teruggekomen.")
                return
            if options["opnieuw"] is not None:
                outbox.send_again(number=options["opnieuw"], now=now)
            prepare_messages(today=timezone.localdate())
            remind_owners(today=timezone.localdate())
            if unsure := outbox.abandon(now=now):
                self.stderr.write(
                    f"Afgebroken bij een vorige keer: {unsure}. Kijk ze na; ze gaan niet vanzelf opnieuw."
                )
            counts = outbox.send(now=now, told=self._told)
        except KrachtwijkError as error:
            raise CommandError(str(error)) from error
        told = ", ".join(f"{state}: {n}" for state, n in sorted(counts.items()))
        self.stdout.write(told or "Er wachtte niets.")

    def _told(self, message: Message) -> None:
        reason = f" ({message.reason})" if message.reason else ""
        self.stdout.write(f"{message.pk} {message.kind}: {message.state}{reason}")
