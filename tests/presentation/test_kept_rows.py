"""What is kept from one tick to the next is what would be made anew."""

from zoneinfo import ZoneInfo

from hypothesis import given

from ortool.checklist.carried import _MADE_OF
from ortool.checklist.clocks import clocks
from ortool.checklist.records import State
from ortool.checklist.run import Run, advance, fold, newest_of
from ortool.checklist.watched import watched
from ortool.presentation.alerts import alert_lines
from ortool.presentation.count_table import count_alarm
from ortool.presentation.kept_rows import KeptRows
from ortool.presentation.rail import rail
from ortool.presentation.run_rows import View, run_rows
from tests.checklist.test_run_properties import WIDE, Said, much, usual_day, wide, wide_days

UTC = ZoneInfo("UTC")
SITE = {"dry": 40, "again-vancomycin": "3 min DEMO"}


@much
@given(wide_days)
def test_rows_that_are_kept_are_the_rows_made_anew(said: Said) -> None:
    table, kept, run = wide(usual_day(), said), KeptRows(), Run(WIDE)
    for number, line in enumerate(table.lines, 1):
        run = advance(run, [line])
        saving = {"SI.images": State.DONE} if number % 3 == 0 else {}
        view = View(line.recorded_at, UTC, saving=saving, initials={line.actor: "XX"} if number > 9 else {})
        assert kept.rows(run, view) == run_rows(fold(WIDE, table.lines[:number]), view)


def test_a_step_of_which_nothing_changed_keeps_its_rows() -> None:
    table, kept = wide(usual_day()), KeptRows()
    view = View(table.now, UTC)
    before, after = (kept.rows(fold(WIDE, table.lines), view) for _ in range(2))
    same = [one is other for one, other in zip(before, after, strict=True)]
    assert same.count(True) > 5


@much
@given(wide_days)
def test_what_a_run_carries_over_is_what_its_records_make(said: Said) -> None:
    table, run = wide(usual_day(), said), Run(WIDE)
    for number, line in enumerate(table.lines, 1):
        run = advance(run, [line])
        anew = fold(WIDE, table.lines[:number])
        for name in (*_MADE_OF, "answers"):
            assert getattr(run, name) == getattr(anew, name)
        assert list(run.answers) == list(anew.answers)
        assert newest_of(run) == max((one.seq for one in (*run.live, *run.undone)), default=0)


@much
@given(wide_days)
def test_what_is_not_watched_changes_no_clock_and_no_alarm(said: Said) -> None:
    table, run, now = wide(usual_day(), said), Run(WIDE), wide().now
    for line in table.lines:
        before, run = run, advance(run, [line])
        if watched(before) == watched(run):
            assert _bars(before, line.recorded_at) == _bars(run, line.recorded_at)
    assert table.now > now


def _bars(run: Run, now: object) -> tuple[object, ...]:
    view = View(now, UTC)  # type: ignore[arg-type]
    return alert_lines(run, view, 80), count_alarm(run, 80), clocks(run, view.now, SITE), rail(run, view.now, 80)
