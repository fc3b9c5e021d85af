"""Invitations by mail (iTIP, RFC 5546, in MIME as RFC 6047 says): one slot, one method and one person each."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from enum import StrEnum
from typing import TYPE_CHECKING

from icalendar import vCalAddress

from ortool.calendar.disclosure import disclose, one_line
from ortool.calendar.event import Audience, SlotEvent, whole_second
from ortool.calendar.export import CALENDAR_TAIL, event_of_slot, event_uid, resource_head
from ortool.errors import BadInput

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


class Method(StrEnum):
    """What a message asks: to take the slot into a calendar, as new or as changed, or to take it out again."""

    REQUEST = "REQUEST"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Guest:
    """A person who is invited: the id, the name as shown, and the checked e-mail address."""

    id: str
    name: str
    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One message to one guest. `sequence` is above all that was sent of the slot; `sent_at` is timezone-aware.

    `organizer` is a checked e-mail address; `others` are the further guests, whom the level `team` names.
    """

    event: SlotEvent
    method: Method
    sequence: int
    guest: Guest
    organizer: str
    sent_at: datetime
    others: tuple[Guest, ...] = ()
    audience: Audience = Audience.SLOT

    def __post_init__(self) -> None:
        """Refuse a level that says nothing of the slot, or names the patient. Raises BadInput."""
        if self.audience not in (Audience.SLOT, Audience.TEAM):
            raise BadInput("An invitation says slot or team.", "A mail names no patient.")


def render_invitation(asked: Invitation, site: str) -> bytes:
    """Return the calendar of a message: one UID, and the METHOD that its MIME type names too."""
    event = replace(asked.event, cancelled=asked.method is Method.CANCEL or asked.event.cancelled)
    vevent = event_of_slot(event, asked.audience, site)
    for name in ("sequence", "dtstamp"):
        del vevent[name]
    vevent.add("dtstamp", whole_second(asked.sent_at).astimezone(UTC))
    vevent.add("sequence", asked.sequence)
    vevent.add("organizer", vCalAddress(f"mailto:{asked.organizer}"))
    shown = (asked.guest, *asked.others) if asked.audience is Audience.TEAM else (asked.guest,)
    for guest in shown:
        vevent.add("attendee", _attendee(guest, asked.method), encode=False)
    return resource_head(asked.method.value) + bytes(vevent.to_ical()) + CALENDAR_TAIL


def mail_of(asked: Invitation, site: str, zone: ZoneInfo) -> EmailMessage:
    """Return the mail: plain words for who reads no calendar, and the calendar beside them."""
    event, calendar = asked.event, render_invitation(asked, site)
    words = disclose(replace(event, cancelled=asked.method is Method.CANCEL or event.cancelled), asked.audience)
    start, end = (moment.astimezone(zone) for moment in (event.start, event.end))
    when = f"{start:%Y-%m-%d %H:%M} to {end:%H:%M} {end.tzname()}"
    message = EmailMessage(policy=SMTP)
    message["Subject"] = f"{words.summary}, {start:%Y-%m-%d %H:%M}"
    message["From"] = asked.organizer
    message["To"] = Address(one_line(asked.guest.name), addr_spec=asked.guest.email)
    message["Date"] = asked.sent_at
    message["Message-ID"] = f"<{_message_key(asked, site)}@ortool.invalid>"
    message["Auto-Submitted"] = "auto-generated"
    lines = [words.summary, f"When: {when}", f"Where: {words.location}", words.description]
    lines.append("The day board of the theatre is right; this mail does not follow it.")
    message.set_content("\n".join(line for line in lines if line) + "\n", cte="quoted-printable")
    message.add_alternative(
        calendar, maintype="text", subtype="calendar", cte="base64",
        params={"charset": "UTF-8", "method": asked.method.value, "component": "VEVENT"},
    )  # fmt: skip
    return message


def _attendee(guest: Guest, method: Method) -> vCalAddress:
    attendee = vCalAddress(f"mailto:{guest.email}")
    # RFC 5545 has no sign for a quote inside a parameter.
    attendee.params["CN"] = one_line(guest.name).replace('"', "'")
    if method is Method.REQUEST:
        attendee.params |= {"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"}
    return attendee


def _message_key(asked: Invitation, site: str) -> str:
    words = (event_uid(site, asked.event.slot_id), asked.method, str(asked.sequence), asked.guest.id)
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:40]
