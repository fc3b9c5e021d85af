"""Four programs' view of one calendar: three libraries, and a reader of twenty lines that shares no code with them."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NamedTuple

import icalendar
import vobject
from ical.calendar_stream import IcsCalendarStream


class Seen(NamedTuple):
    """What a reader makes of one event. Instants are UTC."""

    uid: str
    start: datetime
    end: datetime
    status: str
    sequence: int
    summary: str
    location: str
    description: str


def by_icalendar(data: bytes) -> list[Seen]:
    events = icalendar.Calendar.from_ical(data).walk("VEVENT")
    return [
        Seen(
            str(event["UID"]),
            _utc(event["DTSTART"].dt),
            _utc(event["DTEND"].dt),
            str(event["STATUS"]),
            int(event["SEQUENCE"]),
            str(event["SUMMARY"]),
            str(event["LOCATION"]),
            str(event.get("DESCRIPTION", "")),
        )
        for event in events
    ]


def by_vobject(data: bytes) -> list[Seen]:
    parsed = vobject.readOne(data.decode())
    return [
        Seen(
            event.uid.value,
            _utc(event.dtstart.value),
            _utc(event.dtend.value),
            event.status.value,
            int(event.sequence.value),
            event.summary.value,
            event.location.value,
            event.description.value if hasattr(event, "description") else "",
        )
        for event in parsed.contents.get("vevent", [])
    ]


def by_ical(data: bytes) -> list[Seen]:
    parsed = IcsCalendarStream.calendar_from_ics(data.decode())
    return [
        Seen(
            event.uid,
            _utc(event.start),
            _utc(event.end),
            str(event.status.value),
            event.sequence or 0,
            event.summary or "",
            event.location or "",
            event.description or "",
        )
        for event in parsed.events
    ]


def by_hand(data: bytes) -> list[Seen]:
    found: list[dict[str, str]] = []
    for line in content_lines(data):
        name, _, value = line.partition(":")
        if line == "BEGIN:VEVENT":
            found.append({})
        elif found:
            found[-1].setdefault(name, value)
    return [
        Seen(
            event["UID"],
            _instant(event["DTSTART"]),
            _instant(event["DTEND"]),
            event["STATUS"],
            int(event["SEQUENCE"]),
            _unescaped(event["SUMMARY"]),
            _unescaped(event["LOCATION"]),
            _unescaped(event.get("DESCRIPTION", "")),
        )
        for event in found
    ]


READERS: list[Callable[[bytes], list[Seen]]] = [by_icalendar, by_vobject, by_ical, by_hand]


def content_lines(data: bytes) -> list[str]:
    """Return the unfolded lines, after proof that the physical ones are legal."""
    assert data.endswith(b"\r\n")
    physical = data.removesuffix(b"\r\n").split(b"\r\n")
    for line in physical:
        assert len(line) <= 75
        assert line.strip(), "a blank line ends a value for some readers"
        assert not re.search(rb"[\x00-\x1f\x7f]", line)
        line.decode()
    return data.replace(b"\r\n ", b"").decode().removesuffix("\r\n").split("\r\n")


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] == "n" else found[1], text)


def _utc(moment: datetime) -> datetime:
    assert moment.tzinfo is not None
    return moment.astimezone(UTC)
