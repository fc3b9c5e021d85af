"""Rooms and equipment, changed one at a time: what a room can do and when it is open, how many of a thing there are."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from ortool.errors import BadInput, Refused
from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.schedule.hours import read_hours
from ortool.schedule.resources import MOST_UNITS, Equipment, Kind, Room, read_words
from ortool.schedule.slots import LONGEST
from ortool.services.again import repeatable
from ortool.services.house import equipment_of, room_of
from ortool.services.setup import check_needs
from ortool.services.theatre import Desk, Theatre
from ortool.storage.tables import CaseRow, RoomRow, SlotRow
from ortool.storage.tables_beside import ClaimRow, EquipmentRow
from ortool.text import clean, identifier


@dataclass(frozen=True, slots=True)
class Furniture:
    """A room or equipment with whether it is in use."""

    rooms: tuple[tuple[Room, bool], ...]
    equipment: tuple[tuple[Equipment, bool], ...]


@dataclass(frozen=True, slots=True)
class RoomWords:
    """What is to be changed of a room; None leaves it as it is. `turnover` is in minutes, -1 as the site sets it."""

    name: str | None = None
    capabilities: str | None = None
    hours: str | None = None
    turnover: int | None = None
    active: bool | None = None


def furniture(theatre: Theatre) -> Furniture:
    """Return every room and all equipment, those that are not in use too."""
    with theatre.reading() as session:
        rooms = session.exec(select(RoomRow).order_by(col(RoomRow.position))).all()
        equipment = session.exec(select(EquipmentRow).order_by(col(EquipmentRow.id))).all()
        return Furniture(
            tuple((room_of(row), row.active) for row in rooms),
            tuple((equipment_of(row), row.active) for row in equipment),
        )


@repeatable
def change_room(theatre: Theatre, actor: Actor, room_id: str, words: RoomWords) -> Room:
    """Change a room, or make it where there is none of this id. Raises BadInput or Refused; one entry.

    A room with slots still to come is not taken out of use.
    """
    with theatre.writing(actor, Verb.SET_THEATRE) as desk:
        room, changed = put_room(desk, room_id, words)
        if not changed:
            raise Refused(f"{room.id} is exactly so; nothing would change.")
        return room


def put_room(desk: Desk, room_id: str, words: RoomWords) -> tuple[Room, bool]:
    """Set a room as the words say, and return it with whether anything changed. Raises as `change_room`."""
    name = identifier(room_id)
    standing = desk.session.get(RoomRow, name)
    row = standing or _new_room(desk.session, name, words)
    before = row.model_dump() if standing else None
    row.name = _named(words.name, row.id) if words.name is not None else row.name
    row.capabilities = _words(words.capabilities) if words.capabilities is not None else row.capabilities
    row.hours = read_hours(words.hours).written if words.hours is not None else row.hours
    if words.turnover is not None:
        if not -1 <= words.turnover <= 60:
            raise BadInput(f"A turnover of {words.turnover} minutes is none.", "Write 0 to 60.")
        row.turnover = None if words.turnover < 0 else words.turnover
    row.active = row.active if words.active is None else words.active
    if not row.active:
        _check_unused(desk, row)
    changed = _write(desk, row, before, f"room:{row.id}", "room.set")
    check_needs(desk.session)
    return room_of(row), changed


def _named(text: str, name: str) -> str:
    if not (named := clean(text, 80).strip()):
        raise BadInput(f"{name} needs a name.")
    return named


def _new_room(session: Session, name: str, words: RoomWords) -> RoomRow:
    if not name or len(name) > 12 or not (words.name or "").strip():
        raise BadInput(f"There is no room {name[:20]!r}.", "A new room needs an id of at most 12 signs and a name.")
    return RoomRow(id=name, name="", position=len(session.exec(select(RoomRow.id)).all()))


def _words(text: str) -> str:
    return ", ".join(sorted(read_words(text)))


def _check_unused(desk: Desk, row: RoomRow) -> None:
    query = select(SlotRow.id).where(
        col(SlotRow.room_id) == row.id,
        col(SlotRow.end_at) > desk.theatre.now(),
        col(SlotRow.start_at) > desk.theatre.now() - LONGEST,
        col(SlotRow.state).in_(("booked", "held")),
    )
    if many := len(desk.session.exec(query).all()):
        raise Refused(f"{row.id} has {many} slots still to come.", "Move them first.")


@repeatable
def change_equipment(theatre: Theatre, actor: Actor, equipment: Equipment, active: bool = True) -> Equipment:
    """Set what there is of an equipment, new or known. Raises BadInput, or Refused where slots to come hold more."""
    with theatre.writing(actor, Verb.SET_THEATRE) as desk:
        one, changed = put_equipment(desk, equipment, active)
        if not changed:
            raise Refused(f"{one.id} is exactly so; nothing would change.")
        return one


def put_equipment(desk: Desk, equipment: Equipment, active: bool = True) -> tuple[Equipment, bool]:
    """Set an equipment, and return it with whether anything changed. Raises as `change_equipment`."""
    name = identifier(equipment.id).casefold()
    if not name:
        raise BadInput("Equipment needs an id and a name.")
    if not 0 <= equipment.units <= MOST_UNITS:
        raise BadInput(f"{equipment.units} units are no number of them.", f"Write 0 to {MOST_UNITS}.")
    if not timedelta() <= equipment.ready <= timedelta(days=1):
        raise BadInput("At most a day is needed to make a unit ready.", "Write 0 to 1440 minutes.")
    standing = desk.session.get(EquipmentRow, name)
    before = standing.model_dump() if standing else None
    row = standing or EquipmentRow(id=name, name="", kind=equipment.kind.value)
    row.name, row.kind, row.units = _named(equipment.name, name), Kind(equipment.kind).value, equipment.units
    row.ready_minutes, row.active = equipment.ready // timedelta(minutes=1), active
    if standing:
        _check_enough(desk, row)
    changed = _write(desk, row, before, f"equipment:{name}", "equipment.set")
    check_needs(desk.session)
    return replace(equipment, id=name, name=row.name), changed


def _check_enough(desk: Desk, row: EquipmentRow) -> None:
    """Raise Refused where a slot to come holds a unit that there would not be any more."""
    units = row.units if row.active else 0
    query = (
        select(CaseRow.number, ClaimRow.start_at, ClaimRow.end_at)
        .join(SlotRow, col(SlotRow.case_id) == col(CaseRow.id))
        .join(ClaimRow, col(ClaimRow.slot_id) == col(SlotRow.id))
        .where(col(ClaimRow.resource) == f"equipment:{row.id}", col(ClaimRow.end_at) > desk.theatre.now())
        .order_by(col(ClaimRow.start_at))
    )
    numbers: dict[int, None] = {}
    held: list[datetime] = []
    for number, start, end in desk.session.exec(query).all():
        held = [*(until for until in held if until > start), end]
        if len(held) > units:
            numbers[number] = None
    if numbers:
        named = ", ".join(str(number) for number in [*numbers][:4]) + (" …" if len(numbers) > 4 else "")
        raise Refused(
            f"{row.name} cannot be {units}: slots to come hold more of it (case {named}).", "Move them first."
        )


def _write(desk: Desk, row: RoomRow | EquipmentRow, before: object, stream: str, kind: str) -> bool:
    body = row.model_dump()
    if body == before:
        return False
    desk.session.add(row)
    desk.session.flush()
    desk.append(stream, kind, body)
    return True
