"""A day in the theatre as it reads: room by room for the command line, and as JSON. No patient's name on a list."""

from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from ortool.caselog.board import Board, BoardCase
from ortool.presentation.board_rows import state_word
from ortool.presentation.case_log_json import moment
from ortool.presentation.identity import ends, initials, short_identity
from ortool.presentation.plain import BAD, WARN, data, joined, plain_table, wall, within
from ortool.presentation.time_axis import Block, axis, column, label_of, lay_out_room, now_column
from ortool.presentation.words import CASE_GLYPHS, day, plural

__all__ = [
    "Block",
    "axis",
    "board_json",
    "board_table",
    "column",
    "label_of",
    "lay_out_room",
    "now_column",
    "state_words",
]

SCHEMA = "ortool.board/1"
_ASCII = {"○": "o", "◔": "h", "◑": "r", "▶": ">", "◕": "c", "●": "*", "✓": "x", "×": "-"}
_GRADES = {"late": WARN, "over": BAD}


def state_words(case: BoardCase, ascii_only: bool = False) -> str:
    """Return a case's state as its glyph and its word."""
    mark = CASE_GLYPHS[case.case.state]
    return f"{_ASCII[mark] if ascii_only else mark} {state_word(case.case, case.slot)}"


def board_table(board: Board, zone: ZoneInfo, width: int = 80, ascii_only: bool = False) -> Group:
    """Return the day as one block of lines per room, `width` columns wide. Patients by initials and end of number."""
    head = joined([Text(day(board.day), style="bold"), f"as of {wall(board.now, zone, board.day)}", zone.key])
    parts: list[RenderableType] = [head]
    for room, name, cases in _rooms(board):
        parts += [Text(""), joined([data(name or room, "bold"), plural(len(cases), "case")])]
        if cases:
            parts.append(_room(cases, board, zone, width, ascii_only))
    return Group(*(within(width, part) for part in parts))


def _rooms(board: Board) -> Iterator[tuple[str, str, tuple[BoardCase, ...]]]:
    """Yield every room, those too that hold cases but have left the list of rooms."""
    for room in dict.fromkeys((*board.rooms, *board.cases)):
        yield room, board.rooms.get(room, room), board.cases.get(room, ())


def _room(cases: tuple[BoardCase, ...], board: Board, zone: ZoneInfo, width: int, ascii_only: bool) -> Table:
    table = plain_table(width, "Time", "Case", "Operation", "Surgeon", "State", "Patient")
    table.show_header = False
    for one in cases:
        case, slot = one.case, one.slot
        planned = f"{wall(slot.start, zone, board.day)}-{wall(slot.end, zone, board.day)}"
        table.add_row(
            joined([planned, _actual(one, board, zone)], "\n"),
            Text(str(case.number), style="bold"),
            joined([_operation(one), _phase(one)], "\n"),
            data(case.surgeon),
            Text(state_words(one, ascii_only)),
            data(short_identity(case).replace("…", "..") if ascii_only else short_identity(case)),
        )
    return table


def _actual(one: BoardCase, board: Board, zone: ZoneInfo) -> str:
    came, left = wall(one.in_room, zone, board.day), wall(one.out_of_room, zone, board.day)
    return "\n".join([f"in {came}"] * bool(one.in_room) + [f"out {left}"] * bool(one.out_of_room))


def _operation(one: BoardCase) -> Text:
    case = one.case
    urgent = data(case.urgency.upper(), WARN) if case.urgency not in ("", "elective") else None
    return joined([data(case.procedure_short), data(case.levels, "bold"), data(case.side, "bold"), urgent], " ")


def _phase(one: BoardCase) -> Text | None:
    if not one.phase:
        return None
    graded = Text(f": {one.phase_grade}", style=_GRADES.get(one.phase_grade, "")) if one.phase_grade else Text()
    return data(one.phase).append_text(graded)


def board_json(board: Board, named: bool = False) -> dict[str, Any]:
    """Return the day ready for `json.dumps` (`ortool.board/1`): ISO 8601 UTC, no floats; names only where `named`."""
    return {
        "schema": SCHEMA,
        "day": board.day.isoformat(),
        "as_of": moment(board.now),
        "rooms": [
            {"id": room, "name": name, "cases": [_case_json(one, named) for one in cases]}
            for room, name, cases in _rooms(board)
        ],
    }


def _case_json(one: BoardCase, named: bool) -> dict[str, Any]:
    case, slot = one.case, one.slot
    patient: dict[str, Any] = {"initials": initials(case.patient_name), "hospital_number_ends": ends(case)}
    if named:
        patient |= {"name": case.patient_name, "hospital_number": case.hospital_number}
    return {
        "number": case.number,
        "state": case.state.value,
        "planned_start": moment(slot.start),
        "planned_end": moment(slot.end),
        "held": slot.held,
        "in_room": moment(one.in_room),
        "out_of_room": moment(one.out_of_room),
        "phase": one.phase,
        "phase_grade": one.phase_grade,
        "procedure": case.procedure_short,
        "levels": case.levels,
        "side": case.side,
        "urgency": case.urgency,
        "surgeon": case.surgeon,
        "anaesthetist": case.anaesthetist,
        "patient": patient,
    }
