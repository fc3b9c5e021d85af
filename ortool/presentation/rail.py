"""The phase rail: where the operation is, planned against elapsed, on one line."""

from datetime import datetime, timedelta

from rich.cells import cell_len

from ortool.checklist.phases import PhaseClock, phase_clocks
from ortool.checklist.records import PhaseState
from ortool.checklist.run import Run
from ortool.presentation.pieces import Piece
from ortool.presentation.words import PHASE_GLYPHS

SHORT = 8
_GRADE_ROLE = {"in time": "running", "late": "late", "over": "over"}


def rail(run: Run, now: datetime, width: int) -> list[Piece]:
    """Return the rail: each phase with its mark, and elapsed/planned minutes where there is room. Always one line."""
    clocks = phase_clocks(run, now)
    for size in (14, SHORT, 6, 5, 4, 3, 2):
        for figures in ("all", "running"):
            if size < SHORT and figures == "all":
                continue
            pieces = _pieces(clocks, size, figures)
            if sum(cell_len(piece.text) for piece in pieces) <= width:
                return pieces
    return _pieces(clocks, 1, "none")


def _pieces(clocks: tuple[PhaseClock, ...], size: int, figures: str) -> list[Piece]:
    pieces: list[Piece] = []
    for clock in clocks:
        shown = figures == "all" or (figures == "running" and clock.state is PhaseState.RUNNING)
        words = f" {figure(clock)}" if shown else ""
        long = clock.phase.id.replace("_", " ").capitalize()
        name = long if size > SHORT else (clock.phase.short or long)
        text = f"{PHASE_GLYPHS[clock.state]}{name[:size]}{words} "
        role = _GRADE_ROLE[clock.grade] if clock.state is PhaseState.RUNNING else clock.state.value
        pieces.append(Piece(text, role))
    return pieces


def figure(clock: PhaseClock) -> str:
    """Return `12/31` while in time, `40/31 LATE` beyond the planned P50, `60/31 OVER` beyond P90 (minutes)."""
    planned = _minutes(clock.p50)
    if clock.state is PhaseState.WAITING:
        return f"{planned}"
    word = {"in time": "", "late": " LATE", "over": " OVER"}[clock.grade]
    return f"{_minutes(clock.elapsed)}/{planned}{word}"


def _minutes(length: timedelta) -> int:
    return int(length.total_seconds() // 60)
