# SPDX-License-Identifier: EUPL-1.2
"""One register: one person, one ballot, by whatever way.

On the web the right is used and the ballot put in the box in one transaction. Paper comes in an envelope with the code
(`register`), is taken out and mixed, numbered, and read by two people (`enter_paper`). In a meeting the code is shown
at the door (`register`) and hands are counted (`count_hands`).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from krachtwijk.errors import KrachtwijkError
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.consultation.counting import BY_PLAN, INVALID, choices_of, written
from krachtwijk.web.apps.consultation.models import Handen, Papier, Stemrecht, Wijkraadpleging
from krachtwijk.web.apps.consultation.services import box
from krachtwijk.web.apps.consultation.services.codes import minute, right_of
from krachtwijk.web.apps.consultation.services.common import (
    AT_DESK,
    COUNTS,
    ClosedError,
    in_phase,
    law_of,
    locked,
    may,
    tell,
)
from krachtwijk.web.apps.vouchers.services import NotAllowedError
from krachtwijk.web.sealing import seal, unseal


class CodeError(KrachtwijkError):
    """A code with which nothing can be done: unknown, of another consultation, or used."""


class EnteredError(KrachtwijkError):
    """What was written down of paper or hands does not fit."""


@transaction.atomic
def cast(*, consultation: int, code: str, choices: Mapping[int, bool], receipt: uuid.UUID) -> Stemrecht:
    """Cast a ballot with a code. The same receipt twice is the same ballot: the first one counts.

    Raises ClosedError, CodeError (alike for unknown and used) and EnteredError for a plan that is not on the ballot.
    """
    place = locked(consultation)
    if not place.accepts(timezone.now()):
        raise ClosedError("U kunt nu niet stemmen")
    right = right_of(place, code)
    if right is not None and right.receipt == receipt:
        return right
    if right is None or right.used_at is not None:
        raise CodeError("Met deze code kunt u niet (meer) stemmen")
    known = set(place.plans.values_list("number", flat=True))
    if not set(choices) <= known:
        raise EnteredError("Dit plan staat niet op het stembiljet")
    # a rule that counts who is for a plan has no place for who is against
    if str(law_of(place)("consultation_rule")) != "yes-no":
        choices = {number: yes for number, yes in choices.items() if yes}
    _use(right, Stemrecht.INTERNET, receipt)
    box.put(place, [(written(choices), Stemrecht.INTERNET)])
    return right


def _use(right: Stemrecht, channel: str, receipt: uuid.UUID | None = None) -> None:
    right.channel, right.used_at, right.receipt = channel, minute(), receipt
    used = Stemrecht.objects.filter(pk=right.pk, used_at=None).update(
        channel=channel, used_at=right.used_at, receipt=receipt
    )
    if not used:  # the lock on the consultation keeps this from happening; the ballot must not depend on that
        raise CodeError("Met deze code kunt u niet (meer) stemmen")


@transaction.atomic
def register(*, consultation: int, code: str, channel: str, actor: User) -> Stemrecht:
    """Use a right at the desk: for the envelope of a paper ballot, or for who comes into the meeting.

    Raises CodeError; of a right that was used it says where and when, never what.
    """
    place = locked(consultation)
    may(place, actor, AT_DESK)
    if channel not in (Stemrecht.PAPER, Stemrecht.MEETING):
        raise EnteredError("Kies papier of bijeenkomst", where="kanaal")
    if not place.accepts(timezone.now()):
        raise ClosedError("De raadpleging is nu niet open")
    right = right_of(place, code)
    if right is None:
        raise CodeError("Deze code geeft geen stem in deze raadpleging")
    if right.used_at is not None:
        raise CodeError(told(right))
    _use(right, channel)
    return right


def told(right: Stemrecht) -> str:
    """Where and when a right was used."""
    if right.used_at is None:
        return "Met deze code is nog niet gestemd"
    moment = date_format(timezone.localtime(right.used_at), "j F Y H:i")
    return f"Met deze code is al gestemd: {right.get_channel_display()}, {moment}"


@transaction.atomic
def enter_paper(*, consultation: int, number: int, ballot: str, actor: User) -> Papier:
    """Write down what a paper says. First one person, then another who does not see it; if they differ, a third.

    Not before closing: then every envelope is registered, and the order of the pile says nothing of them.
    ``ballot``: text as of `counting.written`, or ``ongeldig``. Raises EnteredError and NotAllowedError.
    """
    place = locked(consultation)
    may(place, actor, COUNTS)
    in_phase(place, Wijkraadpleging.CLOSED)
    _check(place, ballot)
    sheet = Papier.objects.filter(consultation=place, number=number).first()
    if sheet is None:
        if number != Papier.objects.filter(consultation=place).count() + 1:
            raise EnteredError(
                "Nummer de stapel zonder gaten: neem het eerste nummer dat nog niet is gelezen"
            )
        return Papier.objects.create(
            consultation=place, number=number, first=seal(ballot or " "), first_by=actor
        )
    if sheet.agreed:
        raise EnteredError(f"Stembiljet {number} is al door twee mensen gelezen")
    if actor.pk in (sheet.first_by_id, sheet.second_by_id):
        raise NotAllowedError(f"U hebt stembiljet {number} al gelezen; dat doet nu iemand anders")
    if sheet.second_by_id is None:
        sheet.second, sheet.second_by = seal(ballot or " "), actor
        sheet.agreed = ballot == read(sheet.first)
    else:
        sheet.third, sheet.third_by, sheet.agreed = seal(ballot or " "), actor, True
    sheet.save()
    return sheet


def read(sealed: str) -> str:
    """What somebody read on paper. Raises EnteredError where the key is gone."""
    text = unseal(sealed)
    if text is None:
        raise EnteredError(
            "Dit stembiljet gaat niet meer open: de sleutel is veranderd", mend="Lees het opnieuw"
        )
    return text.strip()


def _check(place: Wijkraadpleging, ballot: str) -> None:
    if ballot == INVALID:
        return
    known = set(place.plans.values_list("number", flat=True))
    try:
        right = set(choices_of(ballot)) <= known
    except ValueError:
        right = False
    if not right:
        raise EnteredError("Dit plan staat niet op het stembiljet")


@transaction.atomic
def count_hands(*, consultation: int, counts: Mapping[int, tuple[int, int]], actor: User) -> Handen:
    """Write down a show of hands: for and against for each plan. Somebody else must confirm it."""
    place = locked(consultation)
    may(place, actor, COUNTS)
    in_phase(place, Wijkraadpleging.OPEN, Wijkraadpleging.CLOSED)
    if str(law_of(place)("consultation_rule")) not in BY_PLAN:
        raise EnteredError("Met deze regel telt een heel stembiljet; handen tellen kan niet")
    if set(counts) != set(place.plans.values_list("number", flat=True)):
        raise EnteredError("Schrijf bij elk plan hoeveel mensen voor en tegen zijn")
    present = place.rights.filter(channel=Stemrecht.MEETING).count()
    if any(yes < 0 or no < 0 or yes + no > present for yes, no in counts.values()):
        raise EnteredError(
            f"Er zijn {present} mensen binnengekomen met een code; er kunnen niet meer handen zijn"
        )
    told_counts = {str(number): list(pair) for number, pair in sorted(counts.items())}
    made, _ = Handen.objects.update_or_create(
        consultation=place, defaults={"counts": told_counts, "counted_by": actor, "confirmed_by": None}
    )
    tell(place, "handen geteld", actor)
    return made


@transaction.atomic
def confirm_hands(*, consultation: int, actor: User) -> Handen:
    """The second name under a show of hands."""
    place = locked(consultation)
    may(place, actor, COUNTS)
    in_phase(place, Wijkraadpleging.OPEN, Wijkraadpleging.CLOSED)
    found = Handen.objects.get(consultation=place)
    if found.counted_by_id == actor.pk:
        raise NotAllowedError("Wie telde, bevestigt niet zelf; laat dat iemand anders doen")
    if found.confirmed_by_id is None:
        found.confirmed_by = actor
        found.save(update_fields=["confirmed_by"])
        tell(place, "handen bevestigd", actor)
    return found
