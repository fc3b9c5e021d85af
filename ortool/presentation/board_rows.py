"""The day board as lines: a time line of rooms, and the cases below it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from rich.cells import cell_len

from ortool.caselog.board import Board, BoardCase
from ortool.caselog.case import Case, Slot
from ortool.caselog.milestones import CaseState
from ortool.presentation.forecast_lines import case_words, ends_at, row_words
from ortool.presentation.identity import short_identity
from ortool.presentation.pieces import Piece, fit, wrap
from ortool.presentation.time_axis import Block, axis, column, label_of, lay_out_room, now_column
from ortool.presentation.words import CASE_GLYPHS, clock, day, hours, plural
from ortool.schedule.expected import DayForecast

ROOM = 6
ASCII_STATE = {
    CaseState.BOOKED: " ", CaseState.IN_HOLDING: "h", CaseState.IN_ROOM: "i", CaseState.RUNNING: ">",
    CaseState.CLOSING: "c", CaseState.OUT_OF_ROOM: "o", CaseState.RECOVERED: "o", CaseState.SIGNED: "x",
    CaseState.CANCELLED: "-",
}  # fmt: skip
GRADE_WORDS = {"late": "LATE", "over": "OVER"}


@dataclass(frozen=True, slots=True)
class BoardRow:
    """A case in the list of the board, or the heading of a room."""

    room: str
    title: str
    one: BoardCase | None = None
    times: str = ""
    ascii_only: bool = False
    outlook: str = ""

    @property
    def key(self) -> str:
        """What stays the same when the rows are made again."""
        return self.one.case.id if self.one else f"room {self.room}"

    @property
    def can_rest(self) -> bool:
        """Whether the cursor may rest here."""
        return self.one is not None

    @property
    def is_open(self) -> bool:
        """Whether this case still lies ahead or runs."""
        return self.one is not None and not self.one.case.state.is_over

    def pieces(self, width: int) -> list[Piece]:
        """Return the row as pieces of exactly `width` cells."""
        if self.one is None:
            return [Piece(fit(f" {self.title}", width), "heading")]
        case, one = self.one.case, self.one
        # How late the end will be says more than that a phase is late.
        grade = "" if self.outlook else GRADE_WORDS.get(one.phase_grade, "")
        words = (
            grade,
            self.outlook and f"{self.outlook} ·",
            state_word(case, one.slot),
            one.phase and f"· {one.phase}",
        )
        state = " ".join(filter(None, words))
        role = _role(one)
        mark = ASCII_STATE[case.state] if self.ascii_only else CASE_GLYPHS[case.state]
        head = f" {mark} {self.times} {case.number} "
        room = width - cell_len(head)
        what_width = min(34, max(20, room * 2 // 5))
        who_width = min(22, max(9, room // 6))
        return [
            Piece(head, role),
            Piece(fit(operation(case), what_width), "title"),
            Piece(" " + fit(surname(case.surgeon), who_width), "middle"),
            Piece(" " + fit(state, room - what_width - who_width - 2), role),
        ]


def state_word(case: Case, slot: Slot | None) -> str:
    """Return how far a case has come in a word; one whose slot is not confirmed yet is held."""
    return "held" if slot is not None and slot.held and case.state is CaseState.BOOKED else case.state.value


def operation(case: Case) -> str:
    """Return operation, levels and side in short: no patient. An emergency says so first."""
    urgency = "" if case.urgency == "elective" else case.urgency.upper()
    return " ".join(filter(None, (urgency, case.procedure_short, case.levels, case.side)))


def surname(name: str) -> str:
    """Return the last word of a staff member's name."""
    return (name.split() or [""])[-1]


def _role(one: BoardCase) -> str:
    if one.phase_grade in ("late", "over"):
        return one.phase_grade
    return "running" if one.case.state.has_started and not one.case.state.is_over else "dim"


def board_rows(
    board: Board, zone: ZoneInfo, ascii_only: bool = False, forecast: DayForecast | None = None
) -> list[BoardRow]:
    """Return the board's cases under the heading of their rooms; with a forecast, how each will end."""
    rows: list[BoardRow] = []
    for room, cases in board.cases.items():
        done = sum(one.case.state.is_over for one in cases)
        count = f"{plural(len(cases), 'case')}, {done} done" if cases else "free"
        rows.append(BoardRow(room, f"{room} {board.rooms.get(room, '')} · {count}"))
        for one in cases:
            outlook = row_words(forecast.of(one.case.id) if forecast else None, zone, ascii_only)
            rows.append(BoardRow(room, "", one, _actual_times(one, zone), ascii_only, outlook))
    return rows


def _times(one: BoardCase, zone: ZoneInfo) -> str:
    return f"{clock(one.slot.start, zone)}–{clock(one.slot.end, zone)}"


def _actual_times(one: BoardCase, zone: ZoneInfo) -> str:
    """Return the planned times, each replaced by the actual one as soon as it is known."""
    return f"{clock(one.in_room or one.slot.start, zone)}–{clock(one.out_of_room or one.slot.end, zone)}"


def board_title(
    board: Board, site: str, who: str, demo: bool, now: datetime, zone: ZoneInfo, width: int
) -> list[Piece]:
    """Return the line above the board: the day, whether it is today, the time, and who is at the terminal."""
    today = now.astimezone(zone).date()
    offset = (board.day - today).days
    relation = {0: "today", 1: "tomorrow", -1: "yesterday"}.get(
        offset, f"{abs(offset)} days {'ahead' if offset > 0 else 'ago'}"
    )
    right = f"{who}  {clock(now, zone)} "
    left = f" {day(board.day)} · {relation} · {'DEMO · ' if demo else ''}{site}"
    space = max(0, width - cell_len(right))
    return [Piece(fit(left, space - 1) + " ", "name"), Piece(right, "clock")]


def selected_lines(
    one: BoardCase | None, zone: ZoneInfo, width: int, forecast: DayForecast | None = None
) -> list[list[Piece]]:
    """Return what is known of the selected case, in four lines at most. The patient is only hinted at."""
    if one is None:
        return [[Piece(" No case on this day. b books one; [ and ] go to other days.", "dim")], [], [], []]
    case, slot = one.case, one.slot
    team = f"{case.surgeon}" + (f" · {case.anaesthetist}" if case.anaesthetist else "")
    actual = f" · in room {clock(one.in_room, zone)}" if one.in_room else ""
    actual += f" · out {clock(one.out_of_room, zone)}" if one.out_of_room else ""
    pieces = [
        [Piece(f" {case.number} {operation(case)}", "title"), Piece(case.procedure, "dim")],
        [Piece(f" {slot.room} · {_times(one, zone)} ({hours(slot.length)}){actual}", "plain")],
        [Piece(f" {team} · patient {short_identity(case)}", "plain")],
        [Piece(f" {state_word(case, slot)} {one.phase} {GRADE_WORDS.get(one.phase_grade, '')}".rstrip(), "plain")],
    ]
    if forecast and (words := case_words(forecast.of(case.id), zone)):
        space = width - cell_len(pieces[-1][0].text) - 2
        pieces[-1].append(Piece(fit(f"· {words}", space).rstrip(), "plain"))
    return [wrap(line, width)[0] if line else [] for line in pieces]


def timeline_lines(
    board: Board,
    now: datetime,
    zone: ZoneInfo,
    hours_shown: tuple[str, str],
    chosen: str,
    width: int,
    forecast: DayForecast | None = None,
) -> list[list[Piece]]:
    """Return the time line: hours above, then each room's cases as blocks; `▼` and `│` mark now.

    `░` behind a block reaches to its expected end where that is later than planned.
    """
    start, end = window(board, zone, hours_shown)
    expected = {one.id: at for one in forecast.cases if (at := ends_at(one))} if forecast else {}
    end = max([end, *expected.values()])
    columns = max(10, width - ROOM - 1)
    line_now = now_column(start, end, columns, now)
    header = axis(start, end, columns, zone)
    lines = [[Piece(" " * ROOM, "dim"), *_with_now(header, line_now, "▼")]]
    for room, cases in board.cases.items():
        blocks = lay_out_room(cases, start, end, columns, now)
        for lane in range(max((block.lane for block in blocks), default=0) + 1):
            label = fit(f" {room}" if lane == 0 else "", ROOM)
            mine = [block for block in blocks if block.lane == lane]
            tails = {block.case.case.id: column(at, start, end, columns) for block in mine
                     if (at := expected.get(block.case.case.id))}  # fmt: skip
            lines.append([Piece(label, "name"), *_blocks(mine, columns, line_now, chosen, tails)])
    return lines


def window(board: Board, zone: ZoneInfo, hours_shown: tuple[str, str]) -> tuple[datetime, datetime]:
    """Return the stretch of the day that the time line shows: the site's hours, widened to what is planned."""
    first, last = (datetime.combine(board.day, time.fromisoformat(text), zone) for text in hours_shown)
    starts = [first, *(one.slot.start for one in board.all_cases)]
    ends = [last, *(one.out_of_room or one.slot.end for one in board.all_cases)]
    return min(moment.astimezone(UTC) for moment in starts), max(moment.astimezone(UTC) for moment in ends)


def _with_now(text: str, column: int | None, mark: str) -> list[Piece]:
    if column is None or not 0 <= column < len(text):
        return [Piece(text, "dim")]
    return [Piece(text[:column], "dim"), Piece(mark, "now"), Piece(text[column + 1 :], "dim")]


def _blocks(
    blocks: list[Block], columns: int, line_now: int | None, chosen: str, tails: Mapping[str, int]
) -> list[Piece]:
    pieces: list[Piece] = []
    place = tail = 0
    for block in sorted(blocks, key=lambda b: b.extent):
        first, last = block.extent
        pieces += _behind(place, first, line_now, tail)
        size = last - first + 1
        mark = "▐" if block.case.case.id == chosen else " "
        label = label_of(block.case, size - 1)
        pieces.append(Piece(fit(f"{mark}{label}", size), _block_role(block)))
        place, tail = last + 1, tails.get(block.case.case.id, 0)
    return pieces + _behind(place, columns, line_now, tail)


def _behind(first: int, last: int, line_now: int | None, tail: int) -> list[Piece]:
    """Return what stands between two blocks: the expected over-run of the one before, then nothing."""
    over = min(max(first, tail), last)
    lead = [Piece("░" * (over - first), "hard")] if over > first else []
    return lead + _gap(over, last, line_now)


def _gap(first: int, last: int, line_now: int | None) -> list[Piece]:
    if last <= first:
        return []
    if line_now is None or not first <= line_now < last:
        return [Piece("·" * (last - first), "dim")]
    return [Piece("·" * (line_now - first), "dim"), Piece("│", "now"), Piece("·" * (last - line_now - 1), "dim")]


def _block_role(block: Block) -> str:
    state = block.case.case.state
    if state.is_over:
        return "block-done"
    if block.case.phase_grade == "over" or (block.actual_last is not None and block.actual_last > block.last):
        return "block-over"
    return "block-run" if state.has_started else "block"
