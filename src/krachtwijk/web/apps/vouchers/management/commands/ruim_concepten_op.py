# SPDX-License-Identifier: EUPL-1.2
"""`manage ruim_concepten_op`: remove plans that nobody touched for sixty days. Meant for every night."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from krachtwijk.web.apps.vouchers import services


class Command(BaseCommand):
    """Keeps what is said beside the code of a draft."""

    help = "Wist plannen die zestig dagen niet zijn veranderd."

    def handle(self, *args: Any, **options: Any) -> None:
        """Remove, and say how many."""
        self.stdout.write(f"{services.clean_drafts(now=timezone.now())} concepten opgeruimd.")
