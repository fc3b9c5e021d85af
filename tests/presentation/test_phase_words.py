"""What a phase's words say of it adds up for whoever reads them."""

import re
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from ortool.caselog.figures import PhaseLine
from ortool.checklist.records import PhaseState
from ortool.presentation.gantt import phase_words
from tests.caselog.a_case import NOW

seconds = st.integers(1, 6 * 3600).map(lambda number: timedelta(seconds=number))


@given(seconds, seconds)
def test_what_is_beyond_is_what_was_taken_less_what_was_planned(elapsed: timedelta, p50: timedelta) -> None:
    over = max(timedelta(), elapsed - p50)
    line = PhaseLine("x", "X", PhaseState.DONE, p50, p50 * 2, NOW, NOW, elapsed, over, "late", False, ())
    words = phase_words(line).plain
    taken, planned = (int(number) for number in re.findall(r"(?:took|planned) (\d+) min", words))
    beyond = re.search(r", (\d+) min beyond", words)
    assert (int(beyond[1]) if beyond else 0) == max(0, taken - planned)
