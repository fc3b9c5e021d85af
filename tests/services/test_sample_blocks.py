"""The sample theatre's blocks: on whatever day it begins, every case lies in its owner's block or in nobody's time."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from ortool.schedule.slots import Span
from ortool.schedule.windows import Window
from ortool.services.boards import case_list
from ortool.services.sample import fill_sample
from ortool.services.series import list_series, windows
from ortool.services.theatre import open_theatre
from tests.services.suite import settings


# A Thursday: the list itself begins on a Monday, as every other test of the sample has it.
@pytest.mark.parametrize("today", [date(2026, 11, 26)])
def test_every_sample_case_lies_in_its_owners_block_or_in_nobodys_time(tmp_path: Path, today: date) -> None:
    noon = datetime.combine(today, datetime.min.time(), UTC) + timedelta(hours=12)
    theatre = open_theatre(settings(), tmp_path / "sample.db", lambda: noon, demo=True)
    try:
        fill_sample(theatre, today)
        assert len(list_series(theatre)) == 6
        owned = 0
        for case, slot in case_list(theatre, today, 14):
            assert slot is not None
            span = Span(slot.start, slot.end)
            blocks = [one for one in windows(theatre, span) if one.resource == f"room:{slot.room_id}"]
            owned += len(blocks)
            assert all(_may(one, span, case.surgeon_id, case.specialty) for one in blocks), (case.number, blocks)
        assert owned > 50
    finally:
        theatre.close()


def _may(block: Window, span: Span, surgeon: str, specialty: str) -> bool:
    inside = block.span.start <= span.start and span.end <= block.span.end
    return inside and block.owner in (f"person:{surgeon}", f"service:{specialty}")
