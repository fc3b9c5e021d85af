"""Found case logs as a list: the columns of the command line and of the screen."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from ortool.caselog.found import Found
from ortool.checklist.places import words_of
from ortool.presentation import case_lists
from ortool.presentation.listing import Column, column


def late_words(found: Found) -> str:
    """Return how much of a case was typed late; of a list of the past nobody knows."""
    if found.is_history:
        return "past list"
    return "" if found.late is None else f"{found.late:.0f} %"


def columns(found: Sequence[Found], zone: ZoneInfo) -> list[Column]:
    """Return the columns of a list of found cases; what was implanted where one lot was looked for."""
    pairs = [(one.case, one.slot) for one in found]
    pieces = ["; ".join(f"{one.part} {words_of(one.place)} {one.action}" for one in case.pieces) for case in found]
    return [
        case_lists.case_column(pairs),
        case_lists.day_column(pairs, zone),
        column("room", [one.slot.room for one in found], [one.slot.room_id for one in found], may_go=True),
        column("state", [one.case.state.value for one in found]),
        column("late", [late_words(one) for one in found], may_go=True, rank=1),
        case_lists.operation_column(pairs),
        case_lists.surgeon_column([one.case.surgeon for one in found]),
        column("implants", pieces, least=12),
    ]
