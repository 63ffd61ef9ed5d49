# SPDX-License-Identifier: EUPL-1.2
"""The ballot box: how many of each ballot, in one sealed row that is written anew with every ballot."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable

from krachtwijk.errors import KrachtwijkError
from krachtwijk.web.apps.consultation.models import Stembus, Wijkraadpleging
from krachtwijk.web.sealing import seal, unseal

#: A box is filled up to a multiple of this, so that its length does not tell that a ballot was unlike the others.
_BLOCK = 4096


def put(consultation: Wijkraadpleging, ballots: Iterable[tuple[str, str]]) -> None:
    """Put ballots (text, channel) in the box of a consultation whose row is locked."""
    # made here and not at opening, so that there is one way to make it
    box, _ = Stembus.objects.get_or_create(consultation=consultation)
    held = _opened(box)
    held.update(ballots)
    text = json.dumps(sorted([*key, times] for key, times in held.items()), separators=(",", ":"))
    box.content = seal(text + " " * (-len(text) % _BLOCK))
    box.save(update_fields=["content"])


def opened(consultation: Wijkraadpleging) -> Counter[tuple[str, str]]:
    """What is in the box. Only for counting, after closing. Raises KrachtwijkError where the key is gone."""
    box = Stembus.objects.filter(consultation=consultation).first()
    return _opened(box) if box else Counter()


def _opened(box: Stembus) -> Counter[tuple[str, str]]:
    text = unseal(box.content)
    if text is None:
        raise KrachtwijkError(
            "De stembus gaat niet open: de sleutel van deze installatie is veranderd",
            mend="Zet de oude sleutel erbij in KRACHTWIJK_DATA_KEYS",
        )
    return Counter({(ballot, channel): times for ballot, channel, times in json.loads(text or "[]")})
