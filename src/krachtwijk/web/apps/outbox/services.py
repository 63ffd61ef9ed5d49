# SPDX-License-Identifier: EUPL-1.2
"""Writing messages down, sending them, and what came of them.

`put` belongs in the transaction of what it tells: then it is there exactly when that is. `send` claims a message and
commits that before anything leaves, so that a process killed at any moment never lets a message go twice: what was
claimed and not finished is unsure, and a person decides.
"""

from __future__ import annotations

import datetime
import smtplib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.db.models import F

from krachtwijk.catalogue.loading import DATA, read_toml
from krachtwijk.errors import KrachtwijkError
from krachtwijk.web import rows
from krachtwijk.web.apps.accounts.models import User
from krachtwijk.web.apps.outbox.models import Message
from krachtwijk.web.apps.record import private

__all__ = [
    "ABANDONED",
    "MOST_ATTEMPTS",
    "abandon",
    "put",
    "put_all",
    "returned",
    "send",
    "send_again",
    "texts",
]

#: A message that is busy for so long belongs to a process that is gone.
ABANDONED = datetime.timedelta(minutes=15)
#: So often a server that could not take a message now is tried.
MOST_ATTEMPTS = 5


def texts() -> Mapping[str, Any]:
    """What messages say: kind → language → subject and text."""
    return read_toml(DATA / "messages.toml")


def put(
    *,
    key: str,
    kind: str,
    about: str = "",
    subject: str = "",
    user: User | None = None,
    values: Mapping[str, Any] | None = None,
) -> None:
    """Write a message down; with a key that is there already nothing happens. Sends nothing."""
    put_all([Message(key=key, kind=kind, about=about, subject=subject, user=user, values=dict(values or {}))])


def put_all(messages: Sequence[Message]) -> None:
    """Write new messages down, as `put` does with one."""
    rows.insert(messages, unless_there=True)


def abandon(*, now: datetime.datetime) -> int:
    """Say of messages whose process was gone half way that they are unsure; how many. They are not sent again."""
    return Message.objects.filter(state=Message.BUSY, at__lt=now - ABANDONED).update(
        state=Message.UNSURE, reason="afgebroken tijdens het versturen; misschien is het aangekomen", at=now
    )


def send(*, now: datetime.datetime, told: Callable[[Message], None] = lambda message: None) -> dict[str, int]:
    """Send what waits, the oldest first, and say how many came in which state. Never in a transaction.

    ``told`` hears of every message that was dealt with. Two runs at the same moment share the work.
    """
    counts: dict[str, int] = {}
    waiting = list(Message.objects.filter(state=Message.WAITING).values_list("pk", flat=True))
    if not waiting:
        return counts
    connection = mail.get_connection()
    try:
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        raise KrachtwijkError(
            f"De mailserver antwoordt niet ({type(error).__name__})",
            where="KRACHTWIJK_MAIL",
            mend="Er is niets verstuurd. Probeer het later opnieuw, of kijk de instelling na",
        ) from error
    try:
        for pk in waiting:
            found = _send(pk, connection, now)
            if found is not None:
                counts[found.state] = counts.get(found.state, 0) + 1
                told(found)
    finally:
        connection.close()
    return counts


def _send(pk: int, connection: BaseEmailBackend, now: datetime.datetime) -> Message | None:
    claimed = Message.objects.filter(pk=pk, state=Message.WAITING).update(
        state=Message.BUSY, attempts=F("attempts") + 1, at=now
    )
    if not claimed:
        return None  # another run has it
    message = Message.objects.select_related("user").get(pk=pk)
    # what is sealed is opened here and nowhere else
    address, language, why_not = _receiver(message)
    if why_not:
        return _finish(message, Message.NEEDLESS, why_not, now)
    letter = _written(message, address, language, connection)
    try:
        letter.send()
    except smtplib.SMTPRecipientsRefused as error:
        codes = [code for code, _ in error.recipients.values()]
        return _refused(message, max(codes, default=0), now)
    except smtplib.SMTPResponseException as error:
        return _refused(message, int(error.smtp_code), now)
    except (smtplib.SMTPException, OSError) as error:
        # the server may have taken it before the line broke
        return _finish(message, Message.UNSURE, f"verbinding verbroken ({type(error).__name__})", now)
    return _finish(message, Message.SENT, "", now)


def _refused(message: Message, code: int, now: datetime.datetime) -> Message:
    """The server did not take it, for now (4xx) or for good. Its words are not kept: they can hold the address."""
    if 400 <= code < 500 and message.attempts < MOST_ATTEMPTS:
        return _finish(message, Message.WAITING, f"nu niet aangenomen ({code})", now)
    return _finish(message, Message.FAILED, f"niet aangenomen ({code})", now)


def _finish(message: Message, state: str, reason: str, now: datetime.datetime) -> Message:
    message.state, message.reason, message.at = state, reason, now
    message.save(update_fields=["state", "reason", "at"])
    return message


def _receiver(message: Message) -> tuple[str, str, str]:
    """Address and language of who gets it, or why nobody does."""
    if message.user is not None:
        known = {"email": message.user.email, "contact_by": "mail"} if message.user.is_active else {}
    else:
        known = private.read(subject=message.subject)
    if not known:
        return "", "", "de ontvanger is niet meer bekend"
    if known.get("contact_by") != "mail":
        return "", "", "koos geen mail"
    address = known.get("email", "").strip()
    try:
        validate_email(address)
    except ValidationError:
        return "", "", "geen e-mailadres"
    return address, "en" if known.get("language") == "en" else "nl", ""


def _written(
    message: Message, address: str, language: str, connection: BaseEmailBackend
) -> mail.EmailMessage:
    kind = texts()[message.kind]
    wanted = kind.get(language) or kind["nl"]
    values = {**message.values, "link": f"{settings.SITE_URL}{message.values.get('path', '/')}"}
    return mail.EmailMessage(
        subject=wanted["subject"].format_map(values),
        body=wanted["text"].format_map(values),
        to=[address],
        connection=connection,
        # no machine answers a machine, and an answer of a server names this message
        headers={"Auto-Submitted": "auto-generated", "X-Krachtwijk-Bericht": str(message.pk)},
    )


def returned(*, number: int, reason: str, now: datetime.datetime) -> Message:
    """A message that was sent came back (``number``: X-Krachtwijk-Bericht in it), and why. Raises KrachtwijkError."""
    found = _numbered(number, (Message.SENT, Message.UNSURE))
    if not reason.strip() or "@" in reason:
        raise KrachtwijkError("Schrijf waarom, zonder adres", where="reden")
    return _finish(found, Message.RETURNED, reason.strip()[:200], now)


def send_again(*, number: int, now: datetime.datetime) -> Message:
    """Let a message wait again that failed or is unsure: somebody decided so. Raises KrachtwijkError."""
    found = _numbered(number, (Message.FAILED, Message.UNSURE, Message.RETURNED))
    found.attempts = 0
    found.save(update_fields=["attempts"])
    return _finish(found, Message.WAITING, "opnieuw", now)


def _numbered(number: int, states: tuple[str, ...]) -> Message:
    found = Message.objects.filter(pk=number).first()
    if found is None or found.state not in states:
        raise KrachtwijkError(
            f"Bericht {number} is er niet, of staat niet op {' of '.join(states)}",
            where="nummer",
            mend="Kijk het nummer na op de pagina van het fonds",
        )
    return found
