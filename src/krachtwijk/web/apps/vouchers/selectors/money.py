# SPDX-License-Identifier: EUPL-1.2
"""Reads of money: what is left on vouchers, which payments wait, and whether bank, ledger and ceiling agree."""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from krachtwijk.rules import money
from krachtwijk.rules.ledger import ACCOUNTS, CREDIT, Ledger
from krachtwijk.rules.state import Case, Voucher
from krachtwijk.web.apps.record import codes, private
from krachtwijk.web.apps.record.models import Event, Stream
from krachtwijk.web.apps.vouchers import current
from krachtwijk.web.apps.vouchers.models import Batch, Fund, Payment
from krachtwijk.web.apps.vouchers.services import (
    BATCH,
    VOUCHER,
    case_subject,
    payment_subject,
    settled,
    unsent,
)

# --- vouchers and their holders ----------------------------------------------------------------------------------


def find_case(fund: Fund, given: str) -> str:
    """The application that a number, or the code of a voucher, stands for; empty where there is none in this fund."""
    cases = current.standing(fund).state.cases
    name = given.strip().upper()
    if name in cases:
        return name
    found = codes.subject_of(purpose=VOUCHER, given=given).rpartition(" ")[0]
    return found if found in cases else ""


@dataclass(frozen=True, slots=True)
class Holder:
    """On whose name vouchers stand (5 toel.): a person, a legal person, or the contact person of a group."""

    name: str
    group: str = ""


def holder(case: Case) -> Holder:
    """On whose name the vouchers of a case stand; without a name where that was forgotten."""
    initiator = case.fields.get("initiator") or {}
    subject, own = private.person_subject(str(initiator.get("name", ""))), case_subject(case.id)
    texts = private.known(subjects=[subject, own], only=["name", "contact"])
    name = texts.get(subject, {}).get("name", "")
    # a group may have another contact person for another plan: that of this application counts
    contact = texts.get(own, {}).get("contact", "")
    if initiator.get("kind") == "informal_group" and contact:
        return Holder(contact, name)
    return Holder(name)


@dataclass(frozen=True, slots=True)
class Held:
    """A voucher: what is left on it in cents, and the last day to have carried out the plan."""

    voucher: Voucher
    left: int
    until: datetime.date | None


def vouchers(fund: Fund, case: Case) -> list[Held]:
    """The vouchers of a case. After determination or revocation only what is still owed is left, from the first on."""
    until = current.bylaw_of(fund.bylaw)("last_execution")
    owed, found = case.payable, []
    for voucher in case.vouchers:
        left = min(voucher.amount - voucher.paid, owed)
        owed -= left
        found.append(Held(voucher, left, until))
    return found


# --- payments ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A payment for a page: who is paid, what came of it, and whether cash was asked before on that day."""

    payment: Payment
    wijk: str
    payee: str
    iban: str
    bill: str
    remark: str
    reason: str
    #: what the bank said, or whether cash was handed out; None while not known
    settled: bool | None
    cash_again: bool

    @property
    def state(self) -> str:
        """One word for where it is."""
        if self.payment.state != Payment.SIGNED:
            return self.payment.state
        if self.settled is not None:
            return "betaald" if self.settled else "afgewezen"
        return "bij de bank" if self.payment.batch_id else Payment.SIGNED


def of_case(fund: Fund, case: str) -> list[Line]:
    """All payments of an application, newest first."""
    return _lines(fund, _payments(fund).filter(case=case).order_by("-made_at", "-pk"))


def to_sign(fund: Fund) -> list[Line]:
    """What waits for the second signer, oldest first."""
    return _lines(fund, _payments(fund).filter(state=Payment.OPEN))


def one_payment(fund: Fund, number: int) -> Line | None:
    """One payment of this fund."""
    found = _lines(fund, _payments(fund).filter(pk=number))
    return found[0] if found else None


def to_send(fund: Fund) -> list[Line]:
    """Signed payments of bills that are in no file yet."""
    wanted = [p.pk for p in unsent(fund, current.standing(fund).state)]
    return _lines(fund, _payments(fund).filter(pk__in=wanted).order_by("signed_at", "pk"))


def cash_to_hand_out(fund: Fund) -> list[Line]:
    """Cash that was signed and of which it is not known whether it was handed out."""
    rows = _payments(fund).filter(state=Payment.SIGNED, kind=Payment.CASH).order_by("signed_at", "pk")
    return [line for line in _lines(fund, rows) if line.settled is None]


def batches(fund: Fund) -> list[tuple[Batch, int, int, int]]:
    """Files for the bank, newest first: payments, cents, and how many have no answer yet."""
    state = current.standing(fund).state
    rows = fund.batches.order_by("-number").prefetch_related("payments")
    found = []
    for batch in rows:
        paid = list(batch.payments.all())
        waiting = sum(settled(state, p) is None for p in paid)
        found.append((batch, len(paid), sum(p.cents for p in paid), waiting))
    return found


def of_batch(fund: Fund, batch: Batch) -> list[Line]:
    """The payments of a file."""
    return _lines(fund, _payments(fund).filter(batch=batch).order_by("pk"))


def to_report(fund: Fund, year: int) -> list[Line]:
    """Paid for the work of a person in a year: what finance reports. Rejected payments are left out."""
    zone = timezone.get_current_timezone()
    start, end = (datetime.datetime(y, 1, 1, tzinfo=zone) for y in (year, year + 1))
    rows = _payments(fund).filter(
        state=Payment.SIGNED, reportable=True, signed_at__gte=start, signed_at__lt=end
    )
    return [line for line in _lines(fund, rows.order_by("signed_at", "pk")) if line.settled is not False]


def _payments(fund: Fund) -> QuerySet[Payment]:
    return Payment.objects.filter(fund=fund).select_related("made_by", "signed_by", "batch")


def _lines(fund: Fund, rows: Iterable[Payment]) -> list[Line]:
    found = list(rows)
    state = current.standing(fund).state
    kept = private.known(subjects=[payment_subject(p) for p in found])
    days: dict[tuple[str, datetime.date], list[int]] = defaultdict(list)
    same = Payment.objects.filter(
        fund=fund,
        kind=Payment.CASH,
        state__in=(Payment.OPEN, Payment.SIGNED),
        case__in={p.case for p in found},
    )
    for pk, case, made_at in same.values_list("pk", "case", "made_at"):
        days[(case, timezone.localdate(made_at))].append(pk)
    lines = []
    for payment in found:
        texts = kept.get(payment_subject(payment), {})
        case = state.cases.get(payment.case)
        others = days.get((payment.case, timezone.localdate(payment.made_at)), [])
        lines.append(
            Line(
                payment=payment,
                wijk=case.wijk if case else "",
                payee=texts.get("name", ""),
                iban=texts.get("iban", ""),
                bill=texts.get("bill", ""),
                remark=texts.get("remark", ""),
                reason=texts.get("reason", ""),
                settled=settled(state, payment),
                cash_again=payment.kind == Payment.CASH and any(pk != payment.pk for pk in others),
            )
        )
    return lines


# --- bank, ledger and ceiling ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Check:
    """Two amounts that must be equal, each by a way of its own; ``name`` is a code that pages give words to."""

    name: str
    wijk: str
    one: int
    other: int

    @property
    def difference(self) -> int:
        """What the one is more than the other, in cents."""
        return self.one - self.other


@dataclass(frozen=True, slots=True)
class Part:
    """A part of what was paid: how many payments, and cents."""

    name: str
    count: int
    cents: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """How money stood at the end of a day: per wijk, what was paid in parts, and whether all ways agree."""

    day: datetime.date
    wijken: dict[str, Ledger]
    total: dict[str, int]
    parts: tuple[Part, ...]
    checks: tuple[Check, ...]

    @property
    def differences(self) -> tuple[Check, ...]:
        """The checks that do not agree."""
        return tuple(check for check in self.checks if check.difference)


#: Parts of what was paid, in the order of a page.
CONFIRMED, AT_BANK, NOT_SENT, HANDED_OUT, IN_CASH, NO_PAYMENT = (
    "bank-bevestigd", "bij-de-bank", "nog-niet-verstuurd", "contant-gegeven", "contant-klaar", "zonder-klaarzetten",
)  # fmt: skip


def end_of(day: datetime.date) -> datetime.datetime:
    """The last moment of a day here."""
    following = datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time())
    return timezone.make_aware(following) - datetime.timedelta(microseconds=1)


def agreement(fund: Fund, day: datetime.date) -> Agreement:
    """Whether bank, ledger and ceiling agreed at the end of a day, each read from where it was written.

    The ledger of the engine is asked as of then; beside it stand the chained lines of the register, the ceiling
    decisions, the redemptions, what the bank said, the signed payments and the files for the bank.
    """
    moment = end_of(day)
    state = current.standing(fund).state
    found = state.funds.get(fund.pk)
    wijken = {
        wijk: ledger.as_of(moment)
        for (_, wijk), ledger in sorted(state.ledgers.items())
        if ledger.as_of(moment).size
    }
    total = {name: sum(getattr(ledger, name) for ledger in wijken.values()) for name in ACCOUNTS}
    booked = _booked(fund, moment)
    checks: list[Check] = []
    for wijk, ledger in wijken.items():
        spread = (
            ledger.available
            + ledger.committed
            + ledger.outstanding
            + ledger.paid
            - ledger.recovered
            + ledger.lapsed
        )
        decided = [c.amount for c in found.ceilings.get(wijk, ()) if c.at <= moment] if found else []
        checks.append(Check("plafond-verdeeld", wijk, ledger.ceiling, spread))
        checks.append(Check("plafond-besluit", wijk, ledger.ceiling, decided[-1] if decided else 0))
        checks += [
            Check(f"register-{name}", wijk, getattr(ledger, name), booked[wijk][name]) for name in ACCOUNTS
        ]
    parts, signed, redeemed = _paid(fund, moment)
    checks.append(Check("uitbetaald", "", total["paid"], sum(part.cents for part in parts)))
    checks.append(Check("getekend", "", signed, redeemed))
    checks += _sent(fund, moment)
    return Agreement(day, wijken, total, parts, tuple(checks))


def _booked(fund: Fund, moment: datetime.datetime) -> dict[str, dict[str, int]]:
    """Balances by wijk out of the chained lines of the register."""
    found: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(ACCOUNTS, 0))
    for wijk, line in _ledger_lines(fund):
        if datetime.datetime.fromisoformat(line["held"]) > moment:
            continue
        amount = money.cents(line["amount"])
        for name, side in ((line["debit"], 1), (line["credit"], -1)):
            found[wijk][name] += side * amount * (-1 if name in CREDIT else 1)
    return found


def _ledger_lines(fund: Fund) -> Iterator[tuple[str, dict[str, str]]]:
    for stream, payload in _bookings(fund).values_list("stream_id", "payload").iterator(chunk_size=2000):
        yield _wijk(fund, stream), payload


def _bookings(fund: Fund) -> QuerySet[Event]:
    """Every line of the ledgers of a fund as the register has it, in the order of writing."""
    prefix = _prefix(fund)
    found = Stream.objects.filter(name__startswith=prefix).values_list("name", flat=True)
    # SQLite takes capitals and small letters for the same here
    names = [name for name in found if name.startswith(prefix)]
    return Event.objects.filter(stream__in=names, kind="boeking").order_by("id")


def _prefix(fund: Fund) -> str:
    return f"grootboek {fund.pk} "


def _wijk(fund: Fund, stream: str) -> str:
    return stream.removeprefix(_prefix(fund))


def _paid(fund: Fund, moment: datetime.datetime) -> tuple[tuple[Part, ...], int, int]:
    """What was paid, in parts; what was signed; and what was redeemed by payments that were signed."""
    payments = {
        (p.case, p.number): p
        for p in Payment.objects.filter(fund=fund, state=Payment.SIGNED).select_related("batch")
    }
    redeemed: dict[tuple[str, int], int] = {}
    counted: dict[str, int] = defaultdict(int)
    said: dict[tuple[str, int], bool] = {}
    events = Event.objects.filter(step__fund=fund, kind__in=("redemption", "bank_result")).order_by(
        "step__number"
    )
    for kind, at, payload in events.values_list("kind", "occurred_at", "payload").iterator(chunk_size=2000):
        if kind == "redemption":
            counted[payload["case"]] += 1
            if at <= moment:
                redeemed[payload["case"], counted[payload["case"]]] = money.cents(payload["amount"])
        elif at <= moment:
            said[payload["case"], payload["no"]] = payload["ok"]
    sums: dict[str, list[int]] = {
        name: [0, 0] for name in (CONFIRMED, AT_BANK, NOT_SENT, HANDED_OUT, IN_CASH, NO_PAYMENT)
    }
    for key, cents in redeemed.items():
        if said.get(key) is False:
            continue
        row = sums[_part(payments.get(key), said.get(key), moment)]
        row[0] += 1
        row[1] += cents
    signed = sum(p.cents for p in payments.values() if p.signed_at is not None and p.signed_at <= moment)
    by_signature = sum(cents for key, cents in redeemed.items() if key in payments)
    return tuple(Part(name, *row) for name, row in sums.items()), signed, by_signature


def _part(payment: Payment | None, said: bool | None, moment: datetime.datetime) -> str:
    if payment is None:
        return NO_PAYMENT
    if payment.kind == Payment.CASH:
        return HANDED_OUT if said else IN_CASH
    if said:
        return CONFIRMED
    return AT_BANK if payment.batch is not None and payment.batch.made_at <= moment else NOT_SENT


def _sent(fund: Fund, moment: datetime.datetime) -> list[Check]:
    """Each file for the bank: its payments, and what the register says it came to."""
    told = {
        payload["batch"]: money.cents(payload["amount"])
        for payload in Event.objects.filter(
            stream_id=f"betalingen {fund.pk}", kind=BATCH, occurred_at__lte=moment
        ).values_list("payload", flat=True)
    }
    found = []
    for batch in fund.batches.filter(made_at__lte=moment).prefetch_related("payments"):
        cents = sum(p.cents for p in batch.payments.all())
        found.append(Check(f"betaalbestand {batch.number}", "", told.get(batch.number, 0), cents))
    return found


# --- to the ledger of the municipality ---------------------------------------------------------------------------

JOURNAL = (
    "boeking", "datum", "geldt_op", "fonds", "wijk", "debet", "credit", "bedrag", "zaak", "gebeurtenis",
)  # fmt: skip


@transaction.atomic
def journal(fund: Fund, first: datetime.date, last: datetime.date) -> list[tuple[str, ...]]:
    """The lines of the ledger that were booked from one day up to another, in the order of booking.

    By the day on which a line became known: a day that is over never gets another line, so that the same range always
    gives the same rows. ``boeking`` names a line for good.
    """
    # who books takes the time after locking this row: nothing of yesterday can still be on its way
    Fund.objects.select_for_update().get(pk=fund.pk)
    found = []
    for uuid, stream, line in (
        _bookings(fund).values_list("uuid", "stream_id", "payload").iterator(chunk_size=2000)
    ):
        known = timezone.localdate(datetime.datetime.fromisoformat(line["known"]))
        if first <= known <= last:
            held = timezone.localdate(datetime.datetime.fromisoformat(line["held"]))
            found.append(
                (
                    str(uuid), known.isoformat(), held.isoformat(), fund.pk, _wijk(fund, stream),
                    line["debit"], line["credit"], line["amount"], line["case"], line["event"],
                )
            )  # fmt: skip
    return found


def heads(fund: Fund, day: datetime.date) -> dict[str, tuple[int, str]]:
    """The last booking of each wijk that was known at the end of a day: its number in the register, and its hash."""
    found: dict[str, tuple[int, str]] = {}
    moment = end_of(day)
    for stream, number, digest, payload in _bookings(fund).values_list(
        "stream_id", "number", "hash", "payload"
    ):
        if datetime.datetime.fromisoformat(payload["known"]) <= moment:
            found[_wijk(fund, stream)] = (number, digest)
    return found
