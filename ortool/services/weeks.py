"""Some days of every room at once, in one picture: what is planned, whose time it is, what is closed, what is left."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from sqlmodel import Session, col, select

from ortool.caselog.board import BoardCase
from ortool.caselog.case import Slot
from ortool.caselog.week import RoomDay, Week, inside, left_over, monday_of
from ortool.errors import BadInput
from ortool.schedule.gaps import Gap
from ortool.schedule.resources import Room
from ortool.schedule.slots import Span
from ortool.schedule.windows import EVERYWHERE, Window, WindowKind
from ortool.services import access
from ortool.services.arranging import held_of, standing_slots
from ortool.services.boards import day_span, planned
from ortool.services.cases import rooms_of, slot_of
from ortool.services.house import house_of
from ortool.services.people import names_of
from ortool.services.theatre import Theatre
from ortool.services.waiting import where_it_fits
from ortool.services.windows import windows
from ortool.storage.tables import CaseRow
from ortool.text import clean

MOST_DAYS = 31
LOOKED_THROUGH = 8 * 7
"""How many days ahead a person's slots are looked for."""


def week_of(theatre: Theatre, first_day: date | None = None, days: int = 7) -> Week:
    """Return every room on some days, from this week's Monday where none is given. Raises BadInput for too many days.

    Whoever may not read the day's list sees no names.
    """
    if not 1 <= days <= MOST_DAYS:
        raise BadInput(f"{days} days are no week.", f"Ask for 1 to {MOST_DAYS} days.")
    now, zone = theatre.now(), theatre.settings.zone
    first = first_day or monday_of(now.astimezone(zone).date())
    whole = day_span(theatre, first, days)
    with theatre.reading() as session:
        house, rooms = house_of(session), rooms_of(session)
        found = [(case, slot) for case, slot in planned(session, whole, rooms) if not slot.cancelled]
        taken = held_of(session, [f"room:{room}" for room in rooms], whole)
        near = windows(session, whole, zone, now)
        owners = {f"person:{person}": name for person, name in names_of(session).items()}
    if theatre.identifies and not access.names_patients(theatre, f"the week from {first}"):
        found = [(access.nameless(case), slot) for case, slot in found]
    here: dict[str, list[BoardCase]] = {room: [] for room in rooms if room in house.rooms}
    for case, slot in found:
        here.setdefault(slot.room_id, []).append(BoardCase(case, slot))
    shown = tuple(first + timedelta(days=number) for number in range(days))
    cells: dict[tuple[str, date], RoomDay] = {}
    for room, slots in here.items():
        of_room = [one.span for one in taken if one.resource == f"room:{room}"]
        mine = [one for one in near if one.resource in (EVERYWHERE, f"room:{room}")]
        for day in shown:
            cells[room, day] = _room_day(theatre, house.rooms.get(room), slots, of_room, mine, owners, room, day)
    return Week(shown, now, {room: rooms.get(room, room) for room in here}, cells)


def _room_day(
    theatre: Theatre, known: Room | None, slots: Sequence[BoardCase], taken: Sequence[Span], near: Sequence[Window],
    owners: Mapping[str, str], room: str, day: date,
) -> RoomDay:  # fmt: skip
    span = day_span(theatre, day)
    mine = tuple(window for window in near if window.span.overlaps(span))
    opened = _opened(theatre, known, mine, day)
    return RoomDay(
        room, day, span, opened, left_over(opened, taken),
        tuple(one for one in slots if Span(one.slot.start, one.slot.end).overlaps(span)), mine,
        {one.owner: owners[one.owner] for one in mine if one.owner in owners},
    )  # fmt: skip


def _opened(theatre: Theatre, known: Room | None, near: Sequence[Window], day: date) -> tuple[Span, ...]:
    hours = _site_day(theatre, day)
    if known is not None and not known.hours.is_always:
        hours = known.hours.spans(day, theatre.settings.zone)
    return left_over(hours, [window.span for window in near if window.kind is WindowKind.CLOSURE])


def _site_day(theatre: Theatre, day: date) -> list[Span]:
    settings = theatre.settings
    first, last = (
        datetime.combine(day, time.fromisoformat(text), settings.zone).astimezone(UTC)
        for text in (settings.day_starts, settings.day_ends)
    )
    return [Span(first, last)]


def open_gaps(theatre: Theatre, case_id: str, first_day: date, days: int = 14, minutes: int = 0) -> list[Gap]:
    """Return where a case fits while its room is open, by start. Where it never does, within the site's day.

    A site that only warns of closing time has gaps all night; nobody looks for those first. Raises as `where_it_fits`.
    """
    found = where_it_fits(theatre, case_id, first_day, days, minutes)
    whole, shown = day_span(theatre, first_day, days), [first_day + timedelta(days=number) for number in range(days)]
    with theatre.reading() as session:
        rooms = house_of(session).rooms
        near = windows(session, whole, theatre.settings.zone, theatre.now())
    opened: dict[str, list[Span]] = {room: [] for room in rooms}
    for room, known in rooms.items():
        mine = [one for one in near if one.resource in (EVERYWHERE, f"room:{room}")]
        opened[room] += [span for day in shown for span in _opened(theatre, known, mine, day)]
    site_days = [span for day in shown for span in _site_day(theatre, day)]
    return inside(found, opened) or inside(found, dict.fromkeys(rooms, site_days))


def find_slots(theatre: Theatre, text: str, first_day: date) -> list[Slot]:
    """Return the standing slot of the case with this number, or those of a person in the weeks from a day on, by start.

    No patient is looked for or named.
    """
    wanted = clean(text, 64).casefold().lstrip("#")
    is_number = wanted.isascii() and wanted.isdigit() and len(wanted) < 10
    with theatre.reading() as session:
        rooms = rooms_of(session)
        if is_number:
            return _of_number(session, int(wanted), rooms)
        found = planned(session, day_span(theatre, first_day, LOOKED_THROUGH), rooms)
    return [
        slot for case, slot in found
        if wanted and not slot.cancelled and wanted in f"{case.surgeon} {case.anaesthetist}".casefold()
    ]  # fmt: skip


def _of_number(session: Session, number: int, rooms: dict[str, str]) -> list[Slot]:
    case_id = session.exec(select(CaseRow.id).where(col(CaseRow.number) == number)).first()
    return [slot_of(row, rooms) for row in standing_slots(session, [case_id]).values()] if case_id else []
