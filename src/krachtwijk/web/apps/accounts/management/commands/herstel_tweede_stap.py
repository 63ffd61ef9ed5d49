# SPDX-License-Identifier: EUPL-1.2
"""`manage herstel_tweede_stap NAAM`: for who lost both phone and printed codes."""

from __future__ import annotations

from argparse import ArgumentParser
from getpass import getuser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from krachtwijk.web.apps.accounts import second_factor
from krachtwijk.web.apps.accounts.models import User


class Command(BaseCommand):
    """Takes the second factor away; at the next login the person sets it up anew."""

    help = "Haal de tweede stap van iemand weg. Weet zeker wie het vraagt; het komt in het register."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, and why."""
        parser.add_argument("naam")
        parser.add_argument("--reden", required=True, help="Waarom; komt in het register.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Reset and tell."""
        user = User.objects.filter(username=options["naam"]).first()
        if user is None:
            raise CommandError(f"Er is geen account {options['naam']}.")
        if second_factor.reset(user=user, actor_name=f"beheerder {getuser()}", reason=options["reden"]):
            self.stdout.write(f"De tweede stap van {user.get_username()} is weg.")
        else:
            self.stdout.write(f"{user.get_username()} had geen tweede stap.")
