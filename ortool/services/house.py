"""What the schedule reckons with: rooms and equipment as they are now, and the site's rules."""

from datetime import timedelta

from sqlmodel import Session, col, select

from ortool.schedule.hours import read_hours
from ortool.schedule.placing import About, Firmness, Member, Rules, Wanted
from ortool.schedule.resources import Equipment, House, Kind, Room, read_words, stored_needs
from ortool.services.people import names_of
from ortool.settings import Settings
from ortool.storage.tables import CaseRow, ProcedureRow, RoomRow
from ortool.storage.tables_beside import EquipmentRow

NEUROMONITORING = "neuromonitoring"
"""The equipment or ability that a case with neuromonitoring needs, where the site has one of this name."""


def house_of(session: Session) -> House:
    """Return the rooms in use, in the order of the board, and the equipment."""
    rooms = session.exec(select(RoomRow).where(col(RoomRow.active).is_(True)).order_by(col(RoomRow.position))).all()
    equipment = session.exec(select(EquipmentRow).where(col(EquipmentRow.active).is_(True))).all()
    return House(
        {row.id: room_of(row) for row in rooms},
        {row.id: equipment_of(row) for row in sorted(equipment, key=lambda row: row.id)},
    )


def room_of(row: RoomRow) -> Room:
    """Return a stored room as a value."""
    turnover = None if row.turnover is None else timedelta(minutes=row.turnover)
    return Room(row.id, row.name, read_words(row.capabilities), read_hours(row.hours), turnover)


def equipment_of(row: EquipmentRow) -> Equipment:
    """Return stored equipment as a value."""
    return Equipment(row.id, row.name, Kind(row.kind), row.units, timedelta(minutes=row.ready_minutes))


def rules_of(settings: Settings) -> Rules:
    """Return what the site sets."""
    return Rules(
        settings.zone,
        timedelta(minutes=settings.turnover_minutes),
        settings.rooms_per_surgeon,
        settings.rooms_per_anaesthetist,
        timedelta(hours=settings.freeze_hours),
        {
            About.BLOCK: Firmness(settings.outside_block),
            About.CLOSURE: Firmness(settings.in_closure),
            About.LEAVE: Firmness(settings.on_leave),
            About.HOURS: Firmness(settings.outside_hours),
        },
    )


def wanted_of(session: Session, house: House, row: CaseRow, names: dict[str, str] | None = None) -> Wanted:
    """Return a case as it wants to be placed: its people, and what its procedure and it itself need."""
    procedure = session.get(ProcedureRow, row.procedure_id)
    assert procedure is not None
    names = names or names_of(session)
    people = [Member(row.surgeon_id, names.get(row.surgeon_id, row.surgeon_id), "surgeon")]
    if row.anaesthetist_id:
        people.append(Member(row.anaesthetist_id, names.get(row.anaesthetist_id, row.anaesthetist_id), "anaesthetist"))
    needs = f"{procedure.needs}, {row.needs}"
    if row.neuromonitoring and NEUROMONITORING in house.equipment.keys() | house.abilities:
        needs += f", {NEUROMONITORING}"
    recovery = procedure.recovery_one if is_one_level(row.levels) else procedure.recovery_two
    return Wanted(
        row.id,
        row.number,
        row.hospital_number,
        tuple(people),
        procedure.specialty,
        stored_needs(needs),
        None if procedure.turnover is None else timedelta(minutes=procedure.turnover),
        timedelta(minutes=recovery),
        row.urgency == "emergency",
    )


def is_one_level(levels: str) -> bool:
    """Whether a case is planned with the minutes of one level; one without levels is."""
    from ortool.checklist.levels import parse_levels

    return parse_levels(levels).count <= 1
