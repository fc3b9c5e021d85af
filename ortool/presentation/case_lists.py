"""Cases in a list: the columns that lists share, each in long and in short words. None of them shows a patient."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from ortool.caselog.case import Case, Slot
from ortool.presentation.board_rows import operation, state_word, surname
from ortool.presentation.listing import Column, column

LEAST_OPERATION = 16
Listed = Sequence[tuple[Case, Slot | None]]


def case_column(found: Listed) -> Column:
    """Return the cases' numbers."""
    return column("case", [case.number for case, _ in found])


def state_column(found: Listed) -> Column:
    """Return how far the cases have come; a slot that was given back says so, as its case waits again."""
    return column("state", [_state(case, slot) for case, slot in found])


def _state(case: Case, slot: Slot | None) -> str:
    waits = slot and slot.cancelled and not case.state.is_cancelled and not case.state.has_started
    return "given back" if waits else state_word(case, slot)


def operation_column(found: Listed) -> Column:
    """Return operation, levels and side: by name, or in short. Levels and side are never cut off."""
    named = [operation(case).replace(case.procedure_short, case.procedure, 1) for case, _ in found]
    ends = [" ".join(filter(None, (case.levels, case.side))) for case, _ in found]
    short = [operation(case) for case, _ in found]
    return column("operation", named, short, rank=1, least=LEAST_OPERATION, ends=ends)


def surgeon_column(names: Sequence[str]) -> Column:
    """Return the surgeons: by full name, or by surname."""
    return column("surgeon", names, [surname(name) for name in names], rank=0, least=9)


def start_column(found: Listed, zone: ZoneInfo) -> Column:
    """Return when the slots start, with the year where there is room for it."""
    starts = [slot.start.astimezone(zone) if slot else None for _, slot in found]
    return column("start", _written(starts, "%Y-%m-%d %H:%M"), _written(starts, "%d %b %H:%M"), rank=2)


def day_column(found: Listed, zone: ZoneInfo) -> Column:
    """Return the day of the slots, with the year where there is room for it."""
    starts = [slot.start.astimezone(zone) if slot else None for _, slot in found]
    return column("day", _written(starts, "%a %d %b %Y"), _written(starts, "%a %d %b"), rank=2)


def _written(moments: Sequence[datetime | None], how: str) -> list[str]:
    return [moment.strftime(how) if moment else "" for moment in moments]
