"""Who operates and who gives the anaesthetic: changed before a case begins, with what its slot holds."""

from sqlmodel import col, select

from ortool.caselog.case import Case
from ortool.caselog.milestones import CaseState
from ortool.errors import BadInput, Refused
from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.schedule.slots import Span
from ortool.services.again import repeatable
from ortool.services.arranging import Change, Placement, Why, arrange, standing_slots
from ortool.services.cases import read_case, stream_of
from ortool.services.theatre import Desk, Theatre
from ortool.storage.tables import CaseRow, PersonRow
from ortool.storage.tables_beside import ClaimRow

CHANGED = "case.team_changed"


@repeatable
def change_team(theatre: Theatre, actor: Actor, case_id: str, surgeon: str = "", anaesthetist: str = "") -> Case:
    """Change a case's surgeon or anaesthetist (ids; an empty one stays) before it begins; its slot follows.

    Raises Clash where the slot cannot hold them at its time, Refused or BadInput; then nothing is written.
    """
    with theatre.writing(actor, Verb.SCHEDULE) as desk:
        set_team(desk, case_id, surgeon, anaesthetist)
        if row := standing_slots(desk.session, [case_id]).get(case_id):
            query = select(ClaimRow.resource, ClaimRow.lane).where(col(ClaimRow.slot_id) == row.id)
            lanes = tuple((resource, lane) for resource, lane in desk.session.exec(query).all())
            to = Placement(row.room_id, Span(row.start_at, row.end_at), row.state == "held", lanes)
            arrange(desk, [Change(case_id, to)], Why())
        return read_case(desk.session, case_id)


def set_team(desk: Desk, case_id: str, surgeon: str = "", anaesthetist: str = "") -> None:
    """Write who is of a case's team, but not what its slot holds. Raises BadInput or Refused."""
    case = read_case(desk.session, case_id)
    if case.state.has_started or case.state is CaseState.CANCELLED:
        raise Refused(f"Case {case.number} is {case.state.value}; its team is not changed any more.")
    for person, role in ((surgeon, "surgeon"), (anaesthetist, "anaesthetist")):
        found = desk.session.get(PersonRow, person) if person else None
        if person and (found is None or not found.active or role not in found.roles.split()):
            raise BadInput(f"{found.name if found else repr(person[:40])} is no {role} here.")
    wanted = surgeon or case.surgeon_id, anaesthetist or case.anaesthetist_id
    if wanted[0] == wanted[1]:
        raise BadInput("One person cannot be surgeon and anaesthetist of a case.", "Name somebody else.")
    if wanted == (case.surgeon_id, case.anaesthetist_id):
        raise Refused(f"Case {case.number} has exactly this team; nothing would change.", "Name somebody else.")
    write_team(desk, case_id, *wanted)


def write_team(desk: Desk, case_id: str, surgeon: str, anaesthetist: str, undoes: str = "") -> None:
    """Write a whole team as it is; an empty anaesthetist is none. `undoes` is the command that this takes back."""
    row = desk.session.get(CaseRow, case_id)
    assert row is not None
    row.surgeon_id, row.anaesthetist_id = surgeon, anaesthetist or None
    desk.session.add(row)
    desk.session.flush()
    body = {"surgeon": surgeon, "anaesthetist": anaesthetist}
    desk.append(stream_of(case_id), CHANGED, body | ({"undoes": undoes} if undoes else {}))
