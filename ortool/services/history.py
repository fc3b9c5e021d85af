"""Cases of the past come in from a file: one entry each, in batches, and each case once however often it is read."""

import hashlib
import hmac
import itertools
import re
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import Any

from sqlmodel import Session, col, func, select

from ortool.caselog.milestones import CaseState
from ortool.caselog.past import NOT_RECORDED
from ortool.errors import NotPermitted
from ortool.exchange.listed import Fault
from ortool.exchange.past_map import Add, PastMap
from ortool.exchange.past_rows import PastFile, PastRow
from ortool.journal import log
from ortool.journal.entry import to_micros
from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.services.again import repeatable
from ortool.services.cases import FIRST_NUMBER, stream_of
from ortool.services.site_key import site_key, site_key_if_any
from ortool.services.theatre import Desk, Theatre
from ortool.storage.store import cursor_of
from ortool.storage.tables import CaseRow, PersonRow, ProcedureRow, RoomRow, SlotRow
from ortool.text import clean

BATCH = 500
# The state of a slot that was over before it was entered: it holds nothing. `UNPLANNED`: its times are what happened.
PAST, UNPLANNED = "past", "unplanned"
IMPORTED = "case.imported"

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class ImportedPast:
    """What an import of past cases found. `known` were read before; `added` counts new rooms, procedures, people."""

    rows: int
    new: int
    known: int
    faults: tuple[Fault, ...]
    added: Mapping[str, int]
    written: bool


@dataclass(slots=True)
class _Names:
    """What the names of a file mean here, by their lower-cased words; what is new gets an id of its own."""

    rooms: dict[str, str]
    procedures: dict[str, str]
    surgeons: dict[str, str]
    new: list[tuple[RoomRow | ProcedureRow | PersonRow, str, str]]
    add: Add

    def kind(self, row: object) -> dict[str, str]:
        """Return the names of one kind of thing."""
        return {RoomRow: self.rooms, ProcedureRow: self.procedures, PersonRow: self.surgeons}[type(row)]  # type: ignore[index]


def import_past(
    theatre: Theatre,
    actor: Actor,
    text: str,
    found: PastMap,
    file: str = "",
    dry_run: bool = False,
    progress: Progress | None = None,
) -> ImportedPast:
    """Read past cases by a map and keep those that can be trusted; the others are faults, by row.

    They are kept in batches, each whole or not at all: after a stop the same file goes on where it ended. A dry run
    finds the same and writes nothing. A map that adds rooms, procedures or surgeons asks for the right to set them up.
    Raises BadInput where the map does not fit the file, NeedsIdentity or Refused.
    """
    past = PastFile(text, found, theatre.settings.zone)
    theatre.permit(actor, Verb.SCHEDULE)
    _permit(theatre, actor, found.add)
    with theatre.reading() as session:
        names = _names(session, found.add)
    new = known = 0
    added: dict[str, int] = {}
    faults: list[Fault] = []
    for batch in _batches(past.rows()):
        kept = [row for row in batch if _is_placed(row, names, faults)]
        for row, _, kind in names.new:
            added[kind] = added.get(kind, 0) + 1
            names.kind(row)[row.name.casefold()] = row.id
        if dry_run:
            with theatre.reading() as session:
                fresh = _fresh(cursor_of(session), kept, site_key_if_any(theatre))
            names.new.clear()
        else:
            fresh = _keep(theatre, actor, kept, names, f"{found.name}: {PureWindowsPath(file).name}")
        new, known = new + len(fresh), known + len(kept) - len(fresh)
        if progress is not None:
            progress(past.lines)
    every = sorted((*past.faults, *faults), key=lambda fault: fault.line)
    return ImportedPast(past.lines, new, known, tuple(every), added, not dry_run)


def _permit(theatre: Theatre, actor: Actor, add: Add) -> None:
    """Ask for what it takes to add by hand what the map lets a file add. Raises as `Theatre.permit` does."""
    for what, is_added, verb in (
        ("rooms", add.rooms, Verb.SET_THEATRE),
        ("procedures", add.procedures, Verb.SET_THEATRE),
        ("surgeons", add.surgeons, Verb.SET_PEOPLE),
    ):
        try:
            if is_added:
                theatre.permit(actor, verb)
        except NotPermitted as told:
            hint = f"Let an administrator import, or set them up first and let the map add no {what}."
            raise NotPermitted(f"The map adds {what}, and {told.message}", hint) from None


def _batches(rows: Iterator[PastRow]) -> Iterator[list[PastRow]]:
    while batch := list(itertools.islice(rows, BATCH)):
        yield batch


def _names(session: Session, add: Add) -> _Names:
    names = _Names({}, {}, {}, [], add)
    for room in session.exec(select(RoomRow)).all():
        names.rooms |= {room.id.casefold(): room.id, room.name.casefold(): room.id}
    for person in session.exec(select(PersonRow).where(col(PersonRow.roles).contains("surgeon"))).all():
        names.surgeons |= {word.casefold(): person.id for word in (person.id, person.name, person.initials)}
    for row in session.exec(select(ProcedureRow)).all():
        for word in (row.id, row.name, row.short, *filter(None, row.aliases.split("\n"))):
            names.procedures.setdefault(word.casefold(), row.id)
    return names


def _is_placed(row: PastRow, names: _Names, faults: list[Fault]) -> bool:
    """Whether room, procedure and surgeon of a row are known or may be added; else it is a fault."""
    wanted: tuple[tuple[str, str, dict[str, str], bool], ...] = (
        ("room", row.room, names.rooms, names.add.rooms),
        ("procedure", row.procedure, names.procedures, names.add.procedures),
        ("surgeon", row.surgeon, names.surgeons, names.add.surgeons),
    )
    for kind, word, known, may_add in wanted:
        if word and not may_add and word.casefold() not in known:
            sentence = f"The {kind} {clean(word, 40)} is not known here, and the map adds none."
            faults.append(Fault(row.line, kind, sentence, ""))
            return False
    waiting = {(type(one), one.name.casefold()) for one, _, _ in names.new}
    for kind, word, known, _ in wanted:
        name = word or "Not recorded"
        key = name.casefold()
        if (word or kind != "procedure") and key not in known:
            made = _made(kind, name, row, names)
            if (type(made), key) not in waiting:
                names.new.append((made, f"{kind}.set" if kind != "surgeon" else "person.set", f"{kind}s"))
    return True


def _made(kind: str, name: str, row: PastRow, names: _Names) -> RoomRow | ProcedureRow | PersonRow:
    made = NOT_RECORDED if name == "Not recorded" and kind != "procedure" else _free_id(kind, name, names)
    # Nothing is booked into a room or for a surgeon that only a list of the past names.
    if kind == "room":
        return RoomRow(id=made, name=name, position=999, active=False)
    if kind == "surgeon":
        return PersonRow(id=made, name=name, initials="–", roles="surgeon", active=False)
    length = max(5, min(1440, round((row.end - row.start).total_seconds() / 60)))
    return ProcedureRow(
        id=made, name=name, short=name[:30], specialty=row.specialty, minutes_one=length, minutes_two=length
    )


def _free_id(kind: str, name: str, names: _Names) -> str:
    known = {"room": names.rooms, "procedure": names.procedures}.get(kind, names.surgeons)
    taken = {one.id for one, _, _ in names.new} | set(known.values())
    word = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:30] or "unnamed"
    tries = (f"past-{word}{f'-{number}' if number > 1 else ''}" for number in itertools.count(1))
    return next(one for one in tries if one not in taken)


def _command(row: PastRow, key: bytes) -> str:
    """Return the id of the entry of a row. Without the site's key nobody can try which patient's row it is."""
    return f"past:{hmac.new(key, row.mark.encode(), hashlib.sha256).hexdigest()[:40]}"


def _fresh(cursor: Any, rows: Sequence[PastRow], key: bytes) -> list[PastRow]:
    """Return the rows that have not come in before; older entries are known by the mark itself."""
    return [
        row
        for row in rows
        if not any(log.find_command(cursor, name) for name in (_command(row, key), f"past:{row.mark}"))
    ]


@repeatable
def _keep(theatre: Theatre, actor: Actor, rows: Sequence[PastRow], names: _Names, source: str) -> list[PastRow]:
    """Write a batch in one transaction, and return its rows that are new."""
    key = site_key(theatre)
    with theatre.writing(actor, Verb.SCHEDULE) as desk:
        fresh = _fresh(desk.cursor, rows, key)
        _permit(theatre, desk.actor, names.add)
        for new, kind, _ in names.new:
            desk.session.merge(new)
            desk.append(f"{kind.partition('.')[0]}:{new.id}", kind, new.model_dump())
        highest = desk.session.exec(select(func.max(CaseRow.number))).one() or FIRST_NUMBER - 1
        cases = [_case(row, names, highest + 1 + place) for place, row in enumerate(fresh)]
        desk.session.flush()
        desk.session.add_all(cases)
        desk.session.flush()
        slots = [_slot(desk, row, case, names) for row, case in zip(fresh, cases, strict=True)]
        desk.session.add_all(slots)
        desk.session.flush()
        for row, case, slot in zip(fresh, cases, slots, strict=True):
            _enter(desk, row, _command(row, key), case, slot, source)
    names.new.clear()
    return fresh


def _case(row: PastRow, names: _Names, number: int) -> CaseRow:
    state = CaseState.CANCELLED if row.cancelled else CaseState.RECOVERED
    return CaseRow(
        id=uuid.uuid4().hex,
        number=number,
        hospital_number=row.hospital_number,
        patient_name=row.name,
        procedure_id=names.procedures[row.procedure.casefold()],
        levels=row.levels,
        side=row.side,
        surgeon_id=names.surgeons[(row.surgeon or "Not recorded").casefold()],
        urgency=row.urgency,
        notes=row.notes,
        state=state.value,
    )


def _slot(desk: Desk, row: PastRow, case: CaseRow, names: _Names) -> SlotRow:
    state = "cancelled" if row.cancelled else PAST if row.is_planned else UNPLANNED
    return SlotRow(
        id=uuid.uuid4().hex,
        case_id=case.id,
        room_id=names.rooms[(row.room or "Not recorded").casefold()],
        start_at=row.start,
        end_at=row.end,
        state=state,
        cancel_reason=row.cancel_reason,
        changed_at=row.cancelled or desk.theatre.now(),
    )


def _enter(desk: Desk, row: PastRow, command: str, case: CaseRow, slot: SlotRow, source: str) -> None:
    times = {stamp: to_micros(at) for stamp, at in row.times.items()}
    body = {
        "number": case.number, "hospital_number": case.hospital_number, "name": case.patient_name, "born": "",
        "procedure": case.procedure_id, "levels": case.levels, "side": case.side, "surgeon": case.surgeon_id,
        "anaesthetist": "", "urgency": case.urgency, "allergies": "", "neuromonitoring": None, "notes": case.notes,
        "state": case.state, "slot": slot.id, "room": slot.room_id, "start_us": to_micros(slot.start_at),
        "end_us": to_micros(slot.end_at), "slot_state": slot.state, "reason": slot.cancel_reason,
        "changed_us": to_micros(slot.changed_at), "times": times, "line": row.line, "source": source,
    }  # fmt: skip
    desk.name(command)
    entry = desk.append(stream_of(case.id), IMPORTED, body, row.start)
    for stamp, at in times.items():
        desk.cursor.execute(
            "INSERT INTO case_time (case_id, stamp, occurred_at, recorded_at, seq) VALUES (?, ?, ?, ?, ?)",
            (case.id, stamp, at, to_micros(entry.recorded_at), entry.seq),
        )
