"""Implants across cases: was this serial used before, and which patients got a lot."""

from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import col, select

from ortool.caselog.case import Case
from ortool.checklist.barcodes import parse_barcode
from ortool.checklist.commands import Command, PlaceImplant, Shelf, WasteImplant
from ortool.checklist.records import Action
from ortool.checklist.scan import Scan
from ortool.errors import BadInput
from ortool.journal.entry import Entry
from ortool.people.permissions import Verb
from ortool.services import access
from ortool.services.cases import read_case
from ortool.services.theatre import Desk, Theatre
from ortool.storage.tables import CaseRow
from ortool.storage.tables_beside import ImplantRow
from ortool.text import identifier

_ENTERED = {f"implant.{action.value}": action for action in (Action.PLACED, Action.WASTED, Action.EXPLANTED)}


@dataclass(frozen=True, slots=True)
class Traced:
    """One implant of a lot or a serial: in which case, and what was done with it. `seq` is its journal entry."""

    case: Case
    seq: int
    action: Action
    part: str
    place: str
    device_identifier: str
    lot: str
    serial: str
    expires: date | None


def today_of(theatre: Theatre) -> date:
    """Return the day in the theatre's zone: an implant is good until its end."""
    return theatre.now().astimezone(theatre.settings.zone).date()


def scan(theatre: Theatre, raw: str) -> Scan:
    """Return what a barcode says today."""
    return parse_barcode(raw, today_of(theatre))


def informed(desk: Desk, case_id: str, command: Command) -> Command:
    """Return a command with what the rules cannot know by themselves: the day, and serials used in other cases."""
    if not isinstance(command, PlaceImplant | WasteImplant):
        return command
    today = today_of(desk.theatre)
    serial = parse_barcode(command.device.raw, today).serial if command.device.raw else ""
    serials = {text for text in (serial, command.device.serial.strip()) if text}
    return replace(command, shelf=Shelf(today, _used_elsewhere(desk, case_id, serials)))


def _used_elsewhere(desk: Desk, case_id: str, serials: set[str]) -> tuple[tuple[str, str, str], ...]:
    if not serials:
        return ()
    query = (
        select(ImplantRow, CaseRow.number)
        .join(CaseRow, col(CaseRow.id) == col(ImplantRow.case_id))
        .where(col(ImplantRow.serial).in_(serials), col(ImplantRow.serial) != "")
        .where(col(ImplantRow.case_id) != case_id, col(ImplantRow.undone).is_(False))
        .order_by(col(ImplantRow.seq).desc())
    )
    return tuple(
        (row.device_identifier, row.serial, f"case {number} ({row.part} {row.place} {row.action})".replace("  ", " "))
        for row, number in desk.session.exec(query).all()
    )


def follow(desk: Desk, case_id: str, entry: Entry) -> None:
    """Let the table of implants follow an entry, in the transaction that wrote it."""
    if entry.kind == "entry.undone":
        if row := desk.session.get(ImplantRow, int(entry.body["ref"])):
            row.undone = True
            desk.session.add(row)
            desk.session.flush()
    elif action := _ENTERED.get(entry.kind):
        desk.session.add(_row(case_id, entry, action))
        desk.session.flush()


def _row(case_id: str, entry: Entry, action: Action) -> ImplantRow:
    body, expires = entry.body, entry.body.get("expires")
    return ImplantRow(
        seq=entry.seq,
        case_id=case_id,
        action=action.value,
        part=str(body["part"]),
        place=str(body["place"]),
        device_identifier=str(body.get("device_identifier", "")),
        lot=str(body.get("lot", "")),
        serial=str(body.get("serial", "")),
        expires=date.fromisoformat(str(expires)) if expires else None,
    )


def trace(theatre: Theatre, lot: str = "", serial: str = "", device_identifier: str = "") -> list[Traced]:
    """Return every implant of a lot or a serial that stands in any case, oldest first: who got it? Raises BadInput."""
    lot, serial = identifier(lot), identifier(serial)
    if not (lot or serial):
        raise BadInput("Which lot or serial?", "A device identifier alone names a product, not a batch.")
    query = select(ImplantRow).where(col(ImplantRow.undone).is_(False)).order_by(col(ImplantRow.seq))
    query = query.where(col(ImplantRow.lot) == lot, col(ImplantRow.lot) != "") if lot else query
    query = query.where(col(ImplantRow.serial) == serial, col(ImplantRow.serial) != "") if serial else query
    if device_identifier:
        query = query.where(col(ImplantRow.device_identifier).in_((identifier(device_identifier), "")))
    access.seen(theatre, Verb.READ_LIST, f"lot {lot}" if lot else f"serial {serial}")
    with theatre.reading() as session:
        return [
            Traced(
                read_case(session, row.case_id), row.seq, Action(row.action), row.part, row.place,
                row.device_identifier, row.lot, row.serial, row.expires,
            )
            for row in session.exec(query).all()
        ]  # fmt: skip
