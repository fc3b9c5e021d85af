"""Cases: add one, read one."""

import difflib
import uuid
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlmodel import Session, col, desc, func, select

from ortool.caselog.case import Case, Slot
from ortool.caselog.milestones import CaseState
from ortool.errors import BadInput, Refused
from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.services import access
from ortool.services.again import repeatable
from ortool.services.people import names_of
from ortool.services.theatre import Desk, Theatre
from ortool.storage.store import rows_of
from ortool.storage.tables import CaseRow, PersonRow, ProcedureRow, SlotRow
from ortool.text import clean, identifier

SIDES = ("", "left", "right", "both", "midline")
URGENCIES = ("elective", "urgent", "emergency")
PRIORITIES = range(1, 6)
FIRST_NUMBER = 1001
# Below this a suggestion would be another operation.
NEAR = 0.75
NOTHING_KNOWN = "None is known yet: `ortool init --theatre FILE` loads rooms, people and procedures."


@dataclass(frozen=True, slots=True)
class NewCase:
    """What is asked when a case is added. People and procedures are given by id."""

    hospital_number: str
    name: str
    procedure: str
    surgeon: str
    born: date | None = None
    levels: str = ""
    side: str = ""
    anaesthetist: str = ""
    urgency: str = "elective"
    allergies: str = ""
    neuromonitoring: bool | None = None
    notes: str = ""
    priority: int = 3
    since: date | None = None
    due: date | None = None
    needs: str = ""


@repeatable
def add_case(theatre: Theatre, actor: Actor, new: NewCase, command_id: str = "") -> Case:
    """Add a case without a slot. Raises BadInput or Refused with the sentence that mends it."""
    from ortool.checklist.levels import parse_levels

    levels = str(parse_levels(clean(new.levels, 40)))
    _check(new)
    with theatre.writing(actor, Verb.SCHEDULE, command_id) as desk:
        row = _row(desk, new, levels)
        desk.session.add(row)
        desk.session.flush()
        desk.append(stream_of(row.id), "case.added", _body(row))
        return read_case(desk.session, row.id)


def _check(new: NewCase) -> None:
    if new.side not in SIDES:
        raise BadInput(f"{new.side[:20]!r} is no side.", "Write left, right, both or midline.")
    if new.urgency not in URGENCIES:
        raise BadInput(f"{new.urgency[:20]!r} is no urgency.", f"Write one of {', '.join(URGENCIES)}.")
    if new.priority not in PRIORITIES:
        raise BadInput(f"{new.priority} is no priority.", "Write 1 (first) to 5.")
    if new.due and new.since and new.due < new.since:
        raise BadInput(f"It would be due on {new.due}, before it waits ({new.since}).", "Check the dates.")
    if not new.name.strip() or not new.hospital_number.strip():
        raise BadInput("A case needs the patient's name and hospital number.")


def _row(desk: Desk, new: NewCase, levels: str) -> CaseRow:
    session = desk.session
    if session.get(ProcedureRow, new.procedure) is None:
        known = sorted(session.exec(select(ProcedureRow.id)).all())
        near = difflib.get_close_matches(new.procedure.casefold()[:80], known, n=1, cutoff=NEAR)
        all_known = f"Known: {', '.join(known)}." if known else NOTHING_KNOWN
        hint = f"Did you mean {near[0]}?" if near else all_known
        raise BadInput(f"The procedure {new.procedure[:40]!r} is not known here.", hint)
    for person, role in ((new.surgeon, "surgeon"), (new.anaesthetist, "anaesthetist")):
        found = session.get(PersonRow, person) if person else None
        if person and (found is None or role not in found.roles.split()):
            raise BadInput(f"{person[:40]!r} is no {role} here.")
    if not new.surgeon:
        raise BadInput("A case needs a surgeon.")
    if new.surgeon == new.anaesthetist:
        raise BadInput("One person cannot be surgeon and anaesthetist of a case.", "Name somebody else.")
    highest = session.exec(select(func.max(CaseRow.number))).one()
    # Opening the board reads cases and adds none: it is up sooner without these.
    from ortool.schedule.resources import read_needs
    from ortool.services.house import house_of

    house = house_of(session)
    needs = read_needs(new.needs, house.equipment.keys() | house.abilities)
    today = desk.theatre.now().astimezone(desk.theatre.settings.zone).date()
    return CaseRow(
        id=uuid.uuid4().hex,
        number=(highest or FIRST_NUMBER - 1) + 1,
        hospital_number=identifier(new.hospital_number),
        patient_name=clean(new.name),
        born=new.born,
        procedure_id=new.procedure,
        levels=levels,
        side=new.side,
        surgeon_id=new.surgeon,
        anaesthetist_id=new.anaesthetist or None,
        urgency=new.urgency,
        allergies=clean(new.allergies),
        neuromonitoring=new.neuromonitoring,
        notes=clean(new.notes, 2_000, multiline=True),
        priority=new.priority,
        waiting_since=new.since or today,
        due=new.due,
        needs=", ".join(str(need) for need in needs),
    )


def _body(row: CaseRow) -> dict[str, Any]:
    return {
        "number": row.number,
        "hospital_number": row.hospital_number,
        "name": row.patient_name,
        "born": row.born.isoformat() if row.born else "",
        "procedure": row.procedure_id,
        "levels": row.levels,
        "side": row.side,
        "surgeon": row.surgeon_id,
        "anaesthetist": row.anaesthetist_id or "",
        "urgency": row.urgency,
        "allergies": row.allergies,
        "neuromonitoring": row.neuromonitoring,
        "notes": row.notes,
    } | waiting_body(row)


def waiting_body(row: CaseRow) -> dict[str, Any]:
    """Return how a case waits, as its entries say it."""
    return {
        "priority": row.priority,
        "waiting_since": row.waiting_since.isoformat() if row.waiting_since else "",
        "due": row.due.isoformat() if row.due else "",
        "needs": row.needs,
    }


def stream_of(case_id: str) -> str:
    """Return the journal stream of a case."""
    return f"case:{case_id}"


def find_case(theatre: Theatre, text: str) -> Case:
    """Return the case with this internal number or id. Raises BadInput where there is none.

    Where people have PINs it names no patient: whoever may read the case opens it.
    """
    wanted = clean(text, 64).lstrip("#")
    is_number = wanted.isascii() and wanted.isdigit() and len(wanted) < 10
    with theatre.reading() as session:
        query = select(CaseRow.id)
        query = query.where(CaseRow.number == int(wanted)) if is_number else query.where(CaseRow.id == wanted)
        found = session.exec(query).first()
        if found is None:
            raise BadInput(f"There is no case {text[:40]!r}.", "`ortool case list` shows the numbers.")
        case = read_case(session, found)
    return access.nameless(case) if theatre.identifies else case


def read_case(session: Session, case_id: str) -> Case:
    """Return one case as a value."""
    row = session.get(CaseRow, case_id)
    if row is None:
        raise Refused("That case does not exist any more.")
    procedure = session.get(ProcedureRow, row.procedure_id)
    assert procedure is not None
    return case_of(row, procedure, names_of(session))


def list_procedures(theatre: Theatre) -> list[tuple[str, str, int, int]]:
    """Return each procedure's id, name, and planned minutes in the room for one and for two levels, by name."""
    with theatre.reading() as session:
        rows = session.exec(select(ProcedureRow).order_by(col(ProcedureRow.name))).all()
    return [(row.id, row.name, row.minutes_one, row.minutes_two) for row in rows]


def procedure_names(theatre: Theatre) -> dict[str, tuple[str, str]]:
    """Return each procedure's name and its short name by id."""
    with theatre.reading() as session:
        rows = session.exec(select(ProcedureRow.id, ProcedureRow.name, ProcedureRow.short)).all()
    return {found: (name, short) for found, name, short in rows}


def case_of(row: CaseRow, procedure: ProcedureRow, names: dict[str, str]) -> Case:
    """Return a stored case as a value."""
    return Case(
        row.id, row.number, row.hospital_number, row.patient_name, row.born,
        procedure.id, procedure.name, procedure.short, procedure.specialty,
        row.levels, row.side, row.surgeon_id, names.get(row.surgeon_id, row.surgeon_id),
        row.anaesthetist_id or "", names.get(row.anaesthetist_id or "", ""),
        row.urgency, row.allergies, row.neuromonitoring, row.notes, CaseState(row.state),
        row.priority, row.waiting_since, row.due, row.needs,
    )  # fmt: skip


def slot_of(row: SlotRow, rooms: dict[str, str]) -> Slot:
    """Return a stored slot as a value."""
    return Slot(
        row.id, row.case_id, row.room_id, rooms.get(row.room_id, row.room_id), row.start_at, row.end_at,
        row.state in ("cancelled", "released"), row.cancel_reason, row.revision, row.changed_at, row.state == "held",
    )  # fmt: skip


def rooms_of(session: Session) -> dict[str, str]:
    """Return each room's name by id, in the order of the board."""
    return dict(rows_of(session, "SELECT id, name FROM room ORDER BY position"))


def list_rooms(theatre: Theatre) -> dict[str, str]:
    """Return each room's name by id, in the order of the board."""
    with theatre.reading() as session:
        return rooms_of(session)


def current_slot(session: Session, case_id: str) -> SlotRow | None:
    """Return the newest slot of a case, cancelled or not."""
    query = select(SlotRow).where(col(SlotRow.case_id) == case_id).order_by(desc(col(SlotRow.changed_at)))
    return session.exec(query).first()
