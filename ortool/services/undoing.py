"""Taking back the last change of the schedule: every slot that it touched goes back where it was, all or none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ortool.caselog.case import Case, Slot
from ortool.errors import Refused
from ortool.journal import log
from ortool.journal.entry import Entry, from_micros
from ortool.people.permissions import Verb
from ortool.people.person import Actor
from ortool.schedule.slots import Span
from ortool.services.again import repeatable
from ortool.services.arranging import STANDS, Change, Placement, Why, arrange, standing_slots
from ortool.services.cases import current_slot, read_case
from ortool.services.teams import CHANGED, write_team
from ortool.services.theatre import Desk, Theatre
from ortool.storage.tables import CaseRow

KINDS = (
    "slot.booked", "slot.moved", "slot.restored", "slot.released", "slot.cancelled", "case.cancelled", "case.restored",
)  # fmt: skip
TAKEN_BACK = (*KINDS, CHANGED)
PLACED = ("slot.booked", "slot.moved", "slot.restored")
REACH = timedelta(hours=24)
"""What is older is not taken back by a key; it is moved or booked again."""
_PAGE = 400
"""Entries that are read at once while the command is looked for."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Which command was taken back, the slots as they stand now, and the cases without one that it had changed."""

    command: str
    slots: tuple[Slot, ...]
    cases: tuple[Case, ...] = ()


@repeatable
def undo_last(theatre: Theatre, actor: Actor) -> TakenBack:
    """Take back the last change of the schedule that this person made within a day and has not taken back yet.

    A team that was changed together with a slot is taken back with it.

    Again, it takes back the one before. Raises Refused where there is none, where somebody changed one of its slots
    meanwhile, or where the place is taken; then nothing is written.
    """
    with theatre.writing(actor, Verb.SCHEDULE) as desk:
        command, entries = _last_command(desk)
        placed = {entry.stream for entry in entries if entry.kind in KINDS}
        for stream in sorted({entry.stream for entry in entries}):
            _team_back(desk, stream, command, stream in placed)
        changes = [change for entry in entries if entry.kind in KINDS and (change := _back(desk, entry)) is not None]
        slots = arrange(desk, changes, Why("taken back", command))
        waiting = {_case_id(entry.stream) for entry in entries} - {slot.case_id for slot in slots}
        return TakenBack(command, tuple(slots), tuple(read_case(desk.session, one) for one in sorted(waiting)))


class _OnlyAsked(Exception):
    """Leaves the transaction without writing."""


def last_change(theatre: Theatre, actor: Actor) -> list[Slot]:
    """Return the slots as `undo_last` would leave them. Raises as it does; writes nothing."""
    found: list[Slot] = []
    try:
        with theatre.writing(actor, Verb.SCHEDULE):
            found += undo_last(theatre, actor).slots
            raise _OnlyAsked
    except _OnlyAsked:
        return found


def _last_command(desk: Desk) -> tuple[str, list[Entry]]:
    """Return the newest command of the actor that still stands, with the last entry that it wrote of each slot.

    And of each team that it changed.
    """
    since = desk.theatre.now() - REACH
    taken_back: set[str] = set()
    for entry in _newest_first(desk):
        command = _command(entry)
        if entry.recorded_at < since:
            break
        if undone := str(entry.body.get("undoes", "")):
            taken_back.add(undone)
        elif command not in taken_back:
            entries = [one for one in log.of_command(desk.cursor, command) if one.kind in TAKEN_BACK]
            newest = {(entry.kind == CHANGED, _about(entry)): entry for entry in entries}
            return command, sorted(newest.values(), key=lambda entry: entry.seq)
    raise Refused(
        "There is nothing of yours to take back in the schedule.", "Only your own changes of the last day are."
    )


def _newest_first(desk: Desk) -> Iterator[Entry]:
    """Yield what the actor wrote of the schedule, from the newest on, for as long as somebody asks."""
    before: int | None = None
    while page := log.last_by(desk.cursor, desk.actor.person.id, TAKEN_BACK, _PAGE, before):
        yield from page
        before = page[-1].seq


def _back(desk: Desk, entry: Entry) -> Change | None:
    case_id = _case_id(entry.stream)
    row, case = current_slot(desk.session, case_id), read_case(desk.session, case_id)
    standing = _that_stand(log.read_stream(desk.cursor, entry.stream), _about(entry))
    if entry.kind == "case.cancelled":
        if standing[-1].seq != entry.seq:
            raise Refused(f"Case {case.number} was changed again since.", "Take that back first.")
        return Change(case_id, None, restores=True)
    if row is None or row.id != entry.body["slot"] or standing[-1].seq != entry.seq:
        raise Refused(f"The slot of case {case.number} was changed again since.", "Take that back first, or move it.")
    before = next((one for one in reversed(standing) if _command(one) != _command(entry)), None)
    if before is None or before.kind not in PLACED:
        cancels = before is not None and before.kind in ("slot.cancelled", "case.cancelled")
        return Change(case_id, None, cancels) if row.state in STANDS else None
    body = before.body
    span = Span(from_micros(int(body["start_us"])), from_micros(int(body["end_us"])))
    lanes = tuple((str(what), int(lane)) for what, lane, *_ in body.get("claims", ()))
    return Change(case_id, Placement(str(body["room"]), span, bool(body.get("held")), lanes), restores=True)


def _team_back(desk: Desk, stream: str, command: str, is_placed: bool) -> None:
    """Give a case the team again that it had before a command; `is_placed`: the command changed its slot too."""
    entries = log.read_stream(desk.cursor, stream)
    mine = [one for one in entries if one.kind == CHANGED and _command(one) == command]
    if not mine:
        return
    case_id = _case_id(stream)
    row = desk.session.get(CaseRow, case_id)
    assert row is not None
    body = mine[-1].body
    if (row.surgeon_id, row.anaesthetist_id or "") != (body["surgeon"], body["anaesthetist"]):
        raise Refused(f"The team of case {row.number} was changed again since.", "Change it by hand.")
    if not is_placed and standing_slots(desk.session, [case_id]):
        raise Refused(f"Case {row.number} has got a slot since, with this team.", "Change the team by hand.")
    before = next(one for one in reversed(entries) if one.seq < mine[0].seq and one.kind in (CHANGED, "case.added"))
    write_team(desk, case_id, str(before.body["surgeon"]), str(before.body["anaesthetist"]), command)


def _case_id(stream: str) -> str:
    return stream.partition(":")[2]


def _about(entry: Entry) -> str:
    """Return the slot that an entry changed; of one that changed no slot, its case's stream."""
    return str(entry.body.get("slot", entry.stream))


def _that_stand(entries: Sequence[Entry], about: str) -> list[Entry]:
    """Return the entries of a slot, and of its case without one, that were not taken back and take nothing back."""
    mine = [entry for entry in entries if entry.kind in KINDS and _about(entry) in (about, entry.stream)]
    gone = {str(entry.body["undoes"]) for entry in mine if entry.body.get("undoes")}
    return [entry for entry in mine if not entry.body.get("undoes") and _command(entry) not in gone]


def _command(entry: Entry) -> str:
    return entry.command_id.partition("#")[0]
