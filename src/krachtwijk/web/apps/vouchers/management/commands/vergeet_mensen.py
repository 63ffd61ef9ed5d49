# SPDX-License-Identifier: EUPL-1.2
"""`manage vergeet_mensen`: destroy the keys of people whose archive term is over."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from krachtwijk.web.apps.vouchers import services


class Command(BaseCommand):
    """Cannot be undone; the register keeps what was decided, and tells that it was done."""

    help = "Maak onleesbaar wat van mensen bewaard is en waarvan de bewaartermijn voorbij is. Draai dit elke nacht."

    def handle(self, *args: Any, **options: Any) -> None:
        """Forget, and tell how many."""
        count = services.forget_past(now=timezone.now(), actor_name="bewaartermijn")
        self.stdout.write(f"Vergeten: {count} mensen.")
