# SPDX-License-Identifier: EUPL-1.2
"""`manage geef_rol NAAM ROL`: give a person a role, or take it back."""

from __future__ import annotations

from argparse import ArgumentParser
from getpass import getpass, getuser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from krachtwijk.errors import KrachtwijkError
from krachtwijk.web.apps.accounts import services
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.accounts.permissions import ROLES
from krachtwijk.web.apps.record import services as record


class Command(BaseCommand):
    """Gives or takes a role, and writes in the register who did and why."""

    help = f"Geef iemand een rol ({', '.join(ROLES)}) of neem hem terug met --weg."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Who, which role, and why."""
        parser.add_argument("naam")
        parser.add_argument("rol")
        parser.add_argument(
            "--gemeente", default="", help="Code van de gemeente, bij een rol die per gemeente geldt."
        )
        parser.add_argument("--weg", action="store_true", help="Neem de rol terug.")
        parser.add_argument(
            "--nieuw", action="store_true", help="Maak het account; vraagt om een wachtwoord."
        )
        parser.add_argument("--reden", default="", help="Waarom; komt in het register.")

    def handle(self, *args: Any, **options: Any) -> None:
        """One transaction: the role and the line in the register."""
        name, role, away = options["naam"], options["rol"], options["weg"]
        area = options["gemeente"]
        told = f"{role} {area}".strip()
        password = getpass("Wachtwoord: ") if options["nieuw"] else ""
        try:
            with transaction.atomic():
                user = self._person(name, password) if options["nieuw"] else User.objects.get(username=name)
                change = services.take_role if away else services.give_role
                if not change(user=user, role=role, area=area):
                    self.stdout.write(
                        f"{name} {'had' if not away else 'heeft'} de rol {told} {'al' if not away else 'niet'}."
                    )
                    return
                record.append(
                    stream="rollen",
                    subject=f"account {user.pk}",
                    kind="teruggenomen" if away else "gegeven",
                    actor_name=f"beheerder {getuser()}",
                    payload={"rol": role} | ({"gemeente": area} if area else {}),
                    reason=options["reden"],
                )
        except User.DoesNotExist as error:
            raise CommandError(f"Er is geen account {name}. Maak het met --nieuw.") from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except KrachtwijkError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{name} {'heeft niet langer' if away else 'heeft nu'} de rol {told}.")

    def _person(self, name: str, password: str) -> User:
        if User.objects.filter(username=name).exists():
            raise CommandError(f"Het account {name} is er al. Laat --nieuw weg.")
        user = User(username=name)
        user.full_clean(exclude=["password"])
        validate_password(password, user)
        user.set_password(password)
        user.save()
        return user
