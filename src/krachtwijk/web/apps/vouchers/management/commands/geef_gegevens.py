# SPDX-License-Identifier: EUPL-1.2
"""`manage geef_gegevens CODE`: what is kept of a person, for that person (AVG 15)."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from getpass import getuser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from krachtwijk.web.apps.vouchers import services


class Command(BaseCommand):
    """Writes JSON; the code is the one with which the person follows an application."""

    help = "Geef iemand wat over hem of haar bewaard is, als JSON."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The code."""
        parser.add_argument("code")

    def handle(self, *args: Any, **options: Any) -> None:
        """Give it, or say that the code opens nothing."""
        found = services.own_data(code=options["code"], actor_name=f"beheerder {getuser()}")
        if not found:
            raise CommandError("Deze code opent niets.")
        self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
