"""Slots as iCalendar bytes: each event on its own, so that it can be stored, and a calendar around them."""

import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import icalendar
from icalendar import Calendar, Event

from ortool.calendar.disclosure import disclose, one_line
from ortool.calendar.event import Audience, SlotEvent, whole_second
from ortool.calendar.value import Text
from ortool.errors import BadInput

CALENDAR_TAIL = b"END:VCALENDAR\r\n"
"""The bytes after the last event of every calendar."""

RENDERER = f"3/icalendar-{icalendar.__version__}"
"""Changes whenever the bytes of an unchanged slot may: belongs into the key of every stored rendering."""

_PRODID = "-//ortool//ortool//EN"
_REFRESH = timedelta(hours=1)


def render_calendar(
    events: Iterable[SlotEvent], *, audience: Audience, site: str, name: str, as_of: datetime, zone: ZoneInfo
) -> bytes:
    """Return one whole calendar, events by start and then by UID. No events make an empty, legal calendar.

    `as_of` is the newest change of the data, timezone-aware, never the wall clock: equal data must give equal bytes. It
    is told in the theatre's `zone`. Raises BadInput on a `name` with a line break, ValueError on a slot given twice.
    """
    by_uid: dict[str, SlotEvent] = {}
    for event in events:
        uid = event_uid(site, event.slot_id)
        if uid in by_uid:
            raise ValueError(f"slot {event.slot_id} was given twice: one calendar holds one event per slot")
        by_uid[uid] = event
    ordered = sorted(by_uid.items(), key=lambda item: (whole_second(item[1].start), item[0]))
    rendered = (render_event(event, audience, site) for _, event in ordered)
    return calendar_head(name=name, as_of=as_of, zone=zone) + b"".join(rendered) + CALENDAR_TAIL


def render_event(event: SlotEvent, audience: Audience, site: str) -> bytes:
    """Return the VEVENT of one slot, CRLF at its end: a function of the row, audience, site and `RENDERER` alone."""
    return bytes(event_of_slot(event, audience, site).to_ical())


def event_of_slot(event: SlotEvent, audience: Audience, site: str) -> Event:
    """Return the VEVENT of one slot as a component, as `render_event` writes it."""
    words = disclose(event, audience)
    changed = _utc(event.changed_at)
    busy = _busy_status(event)
    vevent = Event()
    vevent.add("summary", Text(words.summary))
    vevent.add("dtstart", _utc(event.start))
    vevent.add("dtend", _utc(event.end))
    vevent.add("dtstamp", changed)
    vevent.add("last-modified", changed)
    vevent.add("uid", event_uid(site, event.slot_id))
    vevent.add("sequence", event.revision)
    vevent.add("status", _status(event))
    vevent.add("transp", "TRANSPARENT" if busy == "FREE" else "OPAQUE")
    vevent.add("x-microsoft-cdo-busystatus", Text(busy))
    vevent.add("location", Text(words.location))
    vevent.add("categories", Text(words.category))
    if words.description:
        vevent.add("description", Text(words.description))
    return vevent


def calendar_head(*, name: str, as_of: datetime, zone: ZoneInfo) -> bytes:
    """Return the bytes before the first event; stored events and `CALENDAR_TAIL` follow.

    Raises BadInput on a `name` that is empty or holds a line break, ValueError on a naive `as_of`.
    """
    title = Text(_title(name))
    about = Text(_about(as_of, zone))
    calendar = Calendar()
    calendar.add("prodid", _PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("name", title)
    calendar.add("x-wr-calname", title)
    calendar.add("description", about)
    calendar.add("x-wr-caldesc", about)
    # icalendar leaves VALUE out here, and RFC 7986 demands it.
    calendar.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", Text("PT1H"))
    return bytes(calendar.to_ical()).removesuffix(CALENDAR_TAIL)


def resource_head(method: str = "") -> bytes:
    """Return the bytes before an event that goes out alone; with its `method` where it goes by mail (RFC 5546)."""
    calendar = Calendar()
    calendar.add("prodid", _PRODID)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if method:
        calendar.add("method", method)
    return bytes(calendar.to_ical()).removesuffix(CALENDAR_TAIL)


def event_uid(site: str, slot_id: str) -> str:
    """Return the UID of a slot at a site: the same through every move, and nothing of the patient or the case in it.

    Raises BadInput on an empty `site`, ValueError on a `slot_id` that is no UUID.
    """
    key = one_line(site).encode()
    if not key:
        raise BadInput("The site has no name.", "Set it in the settings; calendar identifiers are derived from it.")
    # One spelling of a UUID, or one slot would get two UIDs and appear twice.
    digest = hmac.digest(key, str(UUID(slot_id)).encode(), "sha256")
    return f"{digest.hex()[:40]}@ortool.invalid"


def _status(event: SlotEvent) -> str:
    if event.cancelled:
        return "CANCELLED"
    return "TENTATIVE" if event.tentative else "CONFIRMED"


def _busy_status(event: SlotEvent) -> str:
    if event.cancelled:
        return "FREE"
    return "TENTATIVE" if event.tentative else "BUSY"


def _title(name: str) -> str:
    if "\r" in name or "\n" in name:
        raise BadInput("The calendar's name holds a line break.", "Give it a name on one line.")
    title = one_line(name)
    if not title:
        raise BadInput("The calendar has no name.", "Give it a name on one line.")
    return title


def _about(as_of: datetime, zone: ZoneInfo) -> str:
    if as_of.utcoffset() is None:
        raise ValueError("as_of must be timezone-aware")
    local = as_of.astimezone(zone)
    # The zone's short name tells the two equal hours of an autumn night apart.
    moment = f"as of {local:%H:%M} {local.tzname()}, {local.date().isoformat()}"
    return f"Theatre slots {moment}. Calendar programs may show changes a day late; the day board is right."


def _utc(moment: datetime) -> datetime:
    return whole_second(moment).astimezone(UTC)
