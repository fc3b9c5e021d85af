"""The lines of a foreign iCalendar file: unfolded, matched BEGIN to END, and of each event only what is used."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from ortool.errors import BadInput

MOST_BYTES = 4 * 1024 * 1024
MOST_EVENTS = 20_000
DEEPEST = 8
_KEPT = frozenset(
    ("UID", "SEQUENCE", "DTSTART", "DTEND", "DURATION", "RRULE", "EXRULE", "RDATE", "EXDATE", "RECURRENCE-ID",
     "STATUS", "TRANSP", "SUMMARY")
)  # fmt: skip
_LINE = re.compile(r'([A-Za-z0-9-]{1,60})((?:;[A-Za-z0-9-]{1,60}=(?:"[^"]*"|[^";:]*))*):(.*)', re.DOTALL)
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=(?:"([^"]*)"|([^";:]*))')


@dataclass(frozen=True, slots=True)
class Property:
    """One line of an event: its value, and the parameters that stand before it, by their names in capitals."""

    value: str
    parameters: dict[str, str]


@dataclass(slots=True)
class RawEvent:
    """One VEVENT as it is written. `number` counts from 1 in the file."""

    number: int
    lines: dict[str, list[Property]] = field(default_factory=dict)

    def one(self, name: str) -> Property | None:
        """Return the first line of a name."""
        found = self.lines.get(name)
        return found[0] if found else None

    def text(self, name: str) -> str:
        """Return the value of the first line of a name, empty where there is none."""
        found = self.one(name)
        return found.value if found else ""


@dataclass(slots=True)
class RawCalendar:
    """What a file holds. `zone` is its X-WR-TIMEZONE, which says what times without a zone may mean."""

    events: list[RawEvent] = field(default_factory=list)
    zone: str = ""


def read_content(data: bytes, late: Callable[[], None]) -> RawCalendar:
    """Return the events of a file. `late` is asked now and then, and raises when it has taken too long.

    Raises BadInput for what is too large, no calendar, cut off or not closed as it was opened.
    """
    if len(data) > MOST_BYTES:
        raise BadInput(f"The calendar has more than {MOST_BYTES // 1024 // 1024} MB.", "Is it the right one?")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"The calendar is not UTF-8 text (byte {error.start + 1}).", "Save it as UTF-8.") from None
    _check_ends(text)
    found, open_parts = RawCalendar(), list[str]()
    lines = re.sub(r"\n[ \t]", "", text.replace("\r\n", "\n")).split("\n")
    for number, line in enumerate(lines):
        if number % 2_000 == 0:
            late()
        start = line[:6].upper()
        if start == "BEGIN:":
            _open(open_parts, line[6:].strip().upper())
            if open_parts == ["VCALENDAR", "VEVENT"]:
                found.events.append(RawEvent(len(found.events) + 1))
        elif start.startswith("END:"):
            _close(open_parts, line[4:].strip().upper())
        elif open_parts == ["VCALENDAR", "VEVENT"]:
            _keep(found.events[-1], line)
        elif open_parts == ["VCALENDAR"] and line[:14].upper() == "X-WR-TIMEZONE:":
            found.zone = line[14:].strip()
        if len(found.events) > MOST_EVENTS:
            raise BadInput(f"The calendar has more than {MOST_EVENTS} events.", "Ask for a calendar of its own.")
    if open_parts:
        raise BadInput("The calendar is cut off: its end is missing.", "Fetch it again.")
    return found


def _check_ends(text: str) -> None:
    if not text.strip():
        raise BadInput("This is no iCalendar file: it is empty.", "Fetch it again.")
    if not text.lstrip()[:15].upper().startswith("BEGIN:VCALENDAR"):
        raise BadInput("This is no iCalendar file.", "It begins with BEGIN:VCALENDAR; a web page does not.")
    if not text.rstrip()[-13:].upper().endswith("END:VCALENDAR"):
        raise BadInput("The calendar is cut off: its end is missing.", "Fetch it again.")


def _open(open_parts: list[str], name: str) -> None:
    if (name == "VCALENDAR") == bool(open_parts) or len(open_parts) >= DEEPEST:
        raise BadInput("The calendar is broken: its parts do not lie in one another.", "Fetch it again.")
    open_parts.append(name)


def _close(open_parts: list[str], name: str) -> None:
    if not open_parts or open_parts.pop() != name:
        raise BadInput("The calendar is broken: its parts do not close as they were opened.", "Fetch it again.")


def _keep(event: RawEvent, line: str) -> None:
    name = re.split("[;:]", line, maxsplit=1)[0].upper() if line[:1].isalpha() else ""
    if name not in _KEPT:
        return
    match = _LINE.fullmatch(line)
    if match is None:
        raise BadInput(f"Event {event.number} of the calendar has a {name} that cannot be read.", "Fetch it again.")
    parameters = {key.upper(): quoted or plain for key, quoted, plain in _PARAMETER.findall(match[2])}
    event.lines.setdefault(name, []).append(Property(match[3].strip(), parameters))
